"""The Python client with the same data and duties as the others; see src/data and src/contenders/obey.ts."""
import sys
import threading
from http.server import HTTPServer

from prometheus_client import CollectorRegistry, MetricsHandler, push_to_gateway
from prometheus_client.core import GaugeMetricFamily

FAMILIES = 20
LABELS = ['region', 'host', 'disk']
MASK = 0xFFFFFFFF


def value(state):
    kind = (state >> 16) % 10
    whole = state >> 8
    return float(whole) if kind < 5 else whole / 100 if kind < 8 else whole / 16777259


class Source:
    def __init__(self, count):
        self.reads = 0
        self.families = []
        for f in range(FAMILIES):
            size = count * (f + 1) // FAMILIES - count * f // FAMILIES
            labels = [[f'region-{i % 7}', f'host-{i // 8}.example.internal', f'disk{i % 8}'] for i in range(size)]
            self.families.append([f'bench_family{f}_bytes', labels, [0.0] * size])

    def turn(self, n):
        state = (n * 2654435761 + 1) & MASK
        for _, _, values in self.families:
            for i in range(len(values)):
                state = (state * 1664525 + 1013904223) & MASK
                values[i] = value(state)

    def collect(self):
        self.reads += 1
        for name, labels, values in self.families:
            family = GaugeMetricFamily(name, 'Made up.', labels=LABELS)
            for one, number in zip(labels, values):
                family.add_metric(one, number)
            yield family

    def describe(self):
        return []


kind, count, turning, *gateway = sys.argv[1:]
if kind != 'mixed' or turning != 'told':
    sys.exit(f'client_python does not do {kind} {turning}')
source = Source(int(count))
registry = CollectorRegistry()
registry.register(source)
if gateway:
    print(gateway[0], flush=True)
else:
    server = HTTPServer(('127.0.0.1', 0), MetricsHandler.factory(registry))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f'http://127.0.0.1:{server.server_port}/metrics', flush=True)
for line in sys.stdin:
    command, *rest = line.split()
    if command == 'turn':
        source.turn(int(rest[0]))
        print('done', flush=True)
    elif command == 'push':
        push_to_gateway(gateway[0], job='client_python', registry=registry)
        print('done', flush=True)
    else:
        print(source.reads, flush=True)
