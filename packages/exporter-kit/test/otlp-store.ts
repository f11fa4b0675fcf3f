import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Family, Sample } from '../src/parse/index.ts';
import { decodeOtlp } from './schemas.ts';

type Attributes = readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];

interface DecodedPoint {
  readonly attributes: Attributes;
  readonly asDouble?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly explicitBounds?: readonly number[];
  readonly bucketCounts?: readonly number[];
  readonly quantileValues?: readonly { readonly quantile?: number; readonly value?: number }[];
}

interface DecodedMetric {
  readonly name: string;
  readonly [data: string]: unknown;
}

interface Decoded {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeMetrics: readonly { readonly metrics: readonly DecodedMetric[] }[];
  }[];
}

/** A receiver of OTLP that keeps every value as it is, by the names that Prometheus gives it. */
export interface OtlpStore {
  readonly url: string;
  read(): Family[];
  close(): void;
}

export async function startOtlpStore(): Promise<OtlpStore> {
  const kept = new Map<string, Sample>();
  const server = createServer(async (req, res) => {
    const { resourceMetrics } = decodeOtlp(gunzipSync(await buffer(req))) as Decoded;
    for (const { resource, scopeMetrics } of resourceMetrics) {
      const { 'service.name': job = '', 'service.instance.id': instance = '', ...others } = record(resource.attributes);
      const own = { job, ...(instance === '' ? {} : { instance }), ...others };
      for (const metric of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        for (const { name, labels, value } of samplesOf(metric)) {
          const all = { ...labels, ...own };
          kept.set(JSON.stringify([name, Object.entries(all).sort()]), { name, labels: all, value });
        }
      }
    }
    res.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    read: () =>
      [...kept.values()].map((sample) => ({
        name: sample.name,
        kind: 'unknown',
        help: '',
        unit: '',
        samples: [sample],
      })),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const record = (attributes: Attributes): { readonly [key: string]: string } =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));

const canonical = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

function* samplesOf({ name, gauge, sum, histogram, summary }: DecodedMetric): Generator<Sample> {
  const pointsOf = (data: unknown) =>
    (data as { readonly dataPoints: readonly DecodedPoint[] } | undefined)?.dataPoints ?? [];
  for (const { attributes, asDouble = 0 } of [...pointsOf(gauge), ...pointsOf(sum)]) {
    yield { name, labels: record(attributes), value: asDouble };
  }
  for (const point of [...pointsOf(histogram), ...pointsOf(summary)]) {
    const labels = record(point.attributes);
    let count = 0;
    for (const [i, own] of (point.bucketCounts ?? []).entries()) {
      count += own;
      const bound = point.explicitBounds?.[i];
      const le = bound === undefined ? '+Inf' : canonical(bound);
      yield { name: `${name}_bucket`, labels: { ...labels, le }, value: count };
    }
    for (const { quantile = 0, value = 0 } of point.quantileValues ?? []) {
      yield { name, labels: { ...labels, quantile: canonical(quantile) }, value };
    }
    yield { name: `${name}_sum`, labels, value: point.sum ?? 0 };
    yield { name: `${name}_count`, labels, value: point.count ?? 0 };
  }
}
