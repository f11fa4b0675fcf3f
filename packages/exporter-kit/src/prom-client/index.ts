/// <reference types="node" preserve="true" />
import { type Collector, collector } from '../collect/collector.ts';
import type { LabelRecord } from '../collect/families.ts';
import { caught, messageOf } from '../errors/thrown.ts';
import { type ClientMetric, type Declarations, writeClientMetric } from './client-metric.ts';

/** What the kit needs of a registry of prom-client, of its successor `@prometheus-io/client`, or of a similar client. */
export interface RegistryLike {
  readonly contentType?: string;
  getMetricsAsArray(): readonly { readonly name: string }[];
  getMetricsAsJSON(): Promise<readonly unknown[]>;
}

/**
 * A collector that serves a prom-client registry, so that an application instrumented with prom-client can use the kit's
 * server, formats and push. Names, help and default labels are kept. The registry is only read, so several collectors can
 * share it. If a metric's `collect` throws, the collector fails.
 *
 * @example
 * import { register } from 'prom-client';
 * exporter({ name: 'shop_exporter', collectors: [fromRegistry(register), nodeRuntime()] });
 * @throws TypeError if `register` is not a registry.
 */
export function fromRegistry(register: RegistryLike, { name = 'registry' }: { name?: string } = {}): Collector {
  if (typeof register?.getMetricsAsArray !== 'function' || typeof register.getMetricsAsJSON !== 'function') {
    throw new TypeError(`collector ${name}: fromRegistry() needs a prom-client Registry, such as its "register".`);
  }
  const declarations: Declarations = new WeakMap();
  return collector({
    name,
    families: 'dynamic',
    async collect({ family }) {
      const [metrics, defaults] = await Promise.all([readAll(register), defaultLabelsOf(register)]);
      for (const metric of metrics) writeClientMetric(metric, family, defaults, declarations);
    },
  });
}

// Gauges whose names end in "_total", which the linter rejects; families without that suffix have the same numbers by type.
const totals = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/**
 * The default metrics of prom-client about this process: memory, CPU, file descriptors, event loop, garbage collection,
 * without those that `promtool check metrics` rejects. prom-client must be installed. Counting starts at the first scrape,
 * once per process, and does not keep the process alive. Event loop lags are available from the second scrape on.
 */
export function nodeRuntime(): Collector {
  const declarations: Declarations = new WeakMap();
  return collector({
    name: 'node_runtime',
    auxiliary: true,
    families: 'dynamic',
    async collect({ family }) {
      const metrics = await readAll(await runtimeRegistry());
      // Before the first measurement, the lags are NaN, 0 and 9.2e9.
      const mean = metrics.find(({ name }) => name === 'nodejs_eventloop_lag_mean_seconds');
      const measured = !Number.isNaN(mean?.values[0]?.value);
      for (const metric of metrics) {
        if (!measured && metric.name.startsWith('nodejs_eventloop_lag_')) continue;
        if (!totals.includes(metric.name)) writeClientMetric(metric, family, {}, declarations);
      }
    },
  });
}

// One per process, as its observers cannot be removed. Imported on demand.
let runtime: RegistryLike | undefined;

async function runtimeRegistry(): Promise<RegistryLike> {
  if (runtime !== undefined) return runtime;
  const { Registry, collectDefaultMetrics } = await import('prom-client').catch((cause: unknown) => {
    throw new Error('nodeRuntime() needs prom-client, which is not installed; add it to your dependencies.', { cause });
  });
  if (runtime === undefined) {
    const register = new Registry();
    collectDefaultMetrics({ register });
    runtime = register;
  }
  return runtime;
}

/** A metric as a registry lists it. */
interface ReadableMetric {
  readonly name: string;
  get(): Omit<ClientMetric, 'source'> | Promise<Omit<ClientMetric, 'source'>>;
}

async function readAll(register: RegistryLike): Promise<ClientMetric[]> {
  // When an OpenMetrics registry renders a counter, it removes `_total` from the name and adds it to each line.
  const suffix = register.contentType?.startsWith('application/openmetrics-text') ? '_total' : '';
  return Promise.all(
    (register.getMetricsAsArray() as readonly ReadableMetric[]).map(async (source) => {
      try {
        const { name, help, type, values } = await source.get();
        const whole = type === 'counter' && !name.endsWith(suffix) ? name + suffix : name;
        return { name: whole, help, type, values, source };
      } catch (cause) {
        throw new Error(`metric ${source.name} could not be read: ${messageOf(cause)}`, { cause: caught(cause) });
      }
    }),
  );
}

/**
 * The labels that a registry adds to every series. Clients have no API for them, but rendering to JSON adds them to each
 * sample, so this renders one made-up metric. (Rendering the real ones would change their samples for good.)
 */
async function defaultLabelsOf(register: RegistryLike): Promise<LabelRecord> {
  const one = { name: 'labels', help: '', type: 'gauge', values: [{ value: 0, labels: {} }] };
  const view: RegistryLike = Object.create(register, {
    getMetricsAsArray: { value: () => [{ ...one, get: async () => one }] },
  });
  const [shown] = (await view.getMetricsAsJSON()) as readonly ClientMetric[];
  if (shown?.name !== one.name)
    throw new Error('the default labels of this registry cannot be read; is it a prom-client Registry?');
  return shown.values[0]?.labels ?? {};
}
