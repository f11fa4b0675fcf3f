import { type Collector, collector } from '../collect/collector.ts';
import type { LabelRecord } from '../collect/families.ts';
import { caught, messageOf } from '../errors/thrown.ts';
import { type ClientMetric, type Declarations, writeClientMetric } from './client-metric.ts';

/** What the kit needs of a registry: prom-client's, that of its successor `@prometheus-io/client`, or one like them. */
export interface RegistryLike {
  readonly contentType?: string;
  getMetricsAsArray(): readonly { readonly name: string }[];
  getMetricsAsJSON(): Promise<readonly unknown[]>;
}

/**
 * Makes a registry of prom-client a collector, so that an application instrumented with it gets the kit's server, formats
 * and pushing. Names, help and default labels stay as they are. The registry is only read: give each exporter its own
 * collector of the same registry if you like. A metric whose `collect` throws fails the collector.
 *
 * @example
 * import { register } from 'prom-client';
 * exporter({ name: 'shop_exporter', collectors: [fromRegistry(register), nodeRuntime()] });
 * @throws TypeError when it is given no registry.
 */
export function fromRegistry(register: RegistryLike, { name = 'registry' }: { name?: string } = {}): Collector {
  if (typeof register?.getMetricsAsArray !== 'function' || typeof register.getMetricsAsJSON !== 'function') {
    throw new TypeError(`collector ${name}: fromRegistry() wants a Registry of prom-client, such as its "register".`);
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

// Gauges called "_total", which the linter objects to; the same numbers stand by type in the families without it.
const totals = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/**
 * The process's own metrics, as prom-client counts them: memory, CPU, file descriptors, event loop, garbage collection.
 * What `promtool check metrics` objects to is left out. Needs prom-client to be installed. Counting starts with the first
 * scrape, once for the whole process, and does not keep the process from ending; the event loop's lags are there from
 * the second scrape on.
 */
export function nodeRuntime(): Collector {
  const declarations: Declarations = new WeakMap();
  return collector({
    name: 'node_runtime',
    auxiliary: true,
    families: 'dynamic',
    async collect({ family }) {
      const metrics = await readAll(await runtimeRegistry());
      // Before the first measurement the lags hold NaN, 0 and 9.2e9.
      const mean = metrics.find(({ name }) => name === 'nodejs_eventloop_lag_mean_seconds');
      const measured = !Number.isNaN(mean?.values[0]?.value);
      for (const metric of metrics) {
        if (!measured && metric.name.startsWith('nodejs_eventloop_lag_')) continue;
        if (!totals.includes(metric.name)) writeClientMetric(metric, family, {}, declarations);
      }
    },
  });
}

// One for the process, as its observers can't be taken down again. Nothing is imported before it is wanted.
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

interface ReadableMetric {
  readonly name: string;
  get(): Omit<ClientMetric, 'source'> | Promise<Omit<ClientMetric, 'source'>>;
}

async function readAll(register: RegistryLike): Promise<ClientMetric[]> {
  // An OpenMetrics registry takes the `_total` off a counter's name when it renders, and puts it back on each line.
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
 * The labels a registry adds to every series. No client tells them, but rendering to JSON adds them to each entry; so
 * let it render one made-up metric. (Rendering its own would change their entries for good.)
 */
async function defaultLabelsOf(register: RegistryLike): Promise<LabelRecord> {
  const one = { name: 'labels', help: '', type: 'gauge', values: [{ value: 0, labels: {} }] };
  const view: RegistryLike = Object.create(register, {
    getMetricsAsArray: { value: () => [{ ...one, get: async () => one }] },
  });
  const [shown] = (await view.getMetricsAsJSON()) as readonly ClientMetric[];
  if (shown?.name !== one.name)
    throw new Error('this registry does not tell its default labels; is it a registry of prom-client?');
  return shown.values[0]?.labels ?? {};
}
