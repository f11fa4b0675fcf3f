import { type Collector, collector } from '../collect/collector.ts';
import { counter, gauge, histogram, info } from '../metric/declare.ts';
import { activeHandles, activeRequests, activeResources } from './active.ts';
import { gcBuckets, gcKinds } from './gc-kinds.ts';
import type { Observers } from './observers.ts';
import { countOpenFiles, readMemory } from './procfs.ts';

/**
 * Metrics of this process and of Node: CPU, memory, file descriptors, event loop, garbage collection, heap, version. Names,
 * types and labels are those of prom-client's default metrics, without the three that `promtool check metrics` rejects.
 *
 * Nothing is observed before the first scrape, so collections of garbage count from there on, and event loop delays are
 * available from the second scrape on, each since the scrape before. The observers do not keep the process alive, and end
 * when the collector is no longer referenced.
 *
 * @example
 * exporter({ name: 'shop_exporter', collectors: [shop.collector, nodeRuntime()] });
 */
export function nodeRuntime(): Collector {
  let observers: Observers | undefined;
  return collector({
    name: 'node_runtime',
    auxiliary: true,
    metrics: declareMetrics(),
    async collect(write) {
      // Loaded here, as it makes Node load much that is not needed to start.
      observers ??= (await import('./observers.ts')).startObservers();
      const { maxFiles, startTime } = observers;
      const lag = await currentLag();

      const cpu = process.cpuUsage();
      write.cpu.set((cpu.user + cpu.system) / 1e6);
      write.cpuUser.set(cpu.user / 1e6);
      write.cpuSystem.set(cpu.system / 1e6);
      write.startTime.set(startTime);
      const memory = readMemory();
      write.resident.set(memory?.resident ?? process.memoryUsage.rss());
      if (memory !== undefined) {
        write.virtual.set(memory.virtual);
        write.dataSegments.set(memory.data);
      }
      const openFiles = countOpenFiles();
      if (openFiles !== undefined) write.openFiles.set(openFiles);
      if (maxFiles !== undefined) write.maxFiles.set(maxFiles);

      write.lag.set(lag);
      const delay = observers.takeDelays();
      if (delay !== undefined) {
        write.lagMin.set(delay.min);
        write.lagMax.set(delay.max);
        write.lagMean.set(delay.mean);
        write.lagStddev.set(delay.stddev);
        write.lagP50.set(delay.p50);
        write.lagP90.set(delay.p90);
        write.lagP99.set(delay.p99);
      }
      for (const [type, count] of activeResources()) write.resources.set({ type }, count);
      for (const [type, count] of activeHandles()) write.handles.set({ type }, count);
      for (const [type, count] of activeRequests()) write.requests.set({ type }, count);

      const heap = observers.heap();
      write.heapTotal.set(heap.total_heap_size);
      write.heapUsed.set(heap.used_heap_size);
      write.external.set(heap.external_memory);
      for (const { space_name, space_size, space_used_size, space_available_size } of observers.heapSpaces()) {
        const space = space_name.replace(/_space$/, '');
        write.spaceTotal.set({ space }, space_size);
        write.spaceUsed.set({ space }, space_used_size);
        write.spaceAvailable.set({ space }, space_available_size);
      }
      for (const [kind, value] of observers.garbage.read()) write.garbage.set({ kind }, value);
      write.version.set(versionOf(process.versions.node));
    },
  });
}

/** How long, in seconds, a callback that could run at once has to wait for its turn. */
function currentLag(): Promise<number> {
  const start = performance.now();
  return new Promise((resolve) => {
    setImmediate(() => resolve((performance.now() - start) / 1000));
  });
}

function versionOf(node: string) {
  const [major, minor, patch] = node.split('.') as [string, string, string];
  return { version: `v${node}`, major, minor, patch };
}

const seconds = (name: string, help: string) => gauge({ name, help, unit: 'seconds' });
const bytes = (name: string, help: string) => gauge({ name, help, unit: 'bytes' });
const cpuSeconds = (name: string, help: string) => counter({ name, help, unit: 'seconds' });
const byType = (name: string, help: string) => gauge({ name, help, labels: ['type'] });
const ofSpace = (name: string, help: string) => gauge({ name, help, unit: 'bytes', labels: ['space'] });

// Not at import: most programs that import the kit don't use them.
const declareMetrics = () => ({
  cpu: cpuSeconds('process_cpu_seconds_total', 'CPU time of this process, user and system.'),
  cpuUser: cpuSeconds('process_cpu_user_seconds_total', 'CPU time of this process in user mode.'),
  cpuSystem: cpuSeconds('process_cpu_system_seconds_total', 'CPU time of this process in the kernel.'),
  startTime: seconds('process_start_time_seconds', 'When this process started, in Unix time.'),
  resident: bytes('process_resident_memory_bytes', 'Resident memory.'),
  virtual: bytes('process_virtual_memory_bytes', 'Virtual memory.'),
  dataSegments: bytes('process_heap_bytes', "Size of the process's data segments, heap included."),
  openFiles: gauge({ name: 'process_open_fds', help: 'Open file descriptors.' }),
  maxFiles: gauge({ name: 'process_max_fds', help: 'Maximum number of open file descriptors.' }),
  lag: seconds('nodejs_eventloop_lag_seconds', 'Time that a callback waited for the event loop during this scrape.'),
  lagMin: seconds('nodejs_eventloop_lag_min_seconds', 'Shortest event loop delay since the previous scrape.'),
  lagMax: seconds('nodejs_eventloop_lag_max_seconds', 'Longest event loop delay since the previous scrape.'),
  lagMean: seconds('nodejs_eventloop_lag_mean_seconds', 'Mean event loop delay since the previous scrape.'),
  lagStddev: seconds(
    'nodejs_eventloop_lag_stddev_seconds',
    'Standard deviation of event loop delays since the previous scrape.',
  ),
  lagP50: seconds('nodejs_eventloop_lag_p50_seconds', 'Median event loop delay since the previous scrape.'),
  lagP90: seconds(
    'nodejs_eventloop_lag_p90_seconds',
    '90th percentile of event loop delays since the previous scrape.',
  ),
  lagP99: seconds(
    'nodejs_eventloop_lag_p99_seconds',
    '99th percentile of event loop delays since the previous scrape.',
  ),
  resources: byType('nodejs_active_resources', 'Resources that keep the event loop running, by type.'),
  handles: byType('nodejs_active_handles', 'Open handles of libuv, such as sockets and servers, by class.'),
  requests: byType('nodejs_active_requests', 'Running requests of libuv, such as file operations, by class.'),
  heapTotal: bytes('nodejs_heap_size_total_bytes', "Size of V8's heap."),
  heapUsed: bytes('nodejs_heap_size_used_bytes', "Used part of V8's heap."),
  external: bytes('nodejs_external_memory_bytes', 'Memory outside the heap that belongs to objects in it.'),
  spaceTotal: ofSpace('nodejs_heap_space_size_total_bytes', "Size of each space of V8's heap."),
  spaceUsed: ofSpace('nodejs_heap_space_size_used_bytes', "Used part of each space of V8's heap."),
  spaceAvailable: ofSpace('nodejs_heap_space_size_available_bytes', "Free part of each space of V8's heap."),
  garbage: histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Duration of garbage collections, by kind.',
    unit: 'seconds',
    labels: { kind: gcKinds },
    buckets: gcBuckets,
  }),
  version: info({
    name: 'nodejs_version_info',
    help: 'Version of Node.',
    labels: ['version', 'major', 'minor', 'patch'],
  }),
});
