import { checkMetrics, checkRunName } from '../collect/check-declaration.ts';
import type { Collector } from '../collect/collector.ts';
import type { Context } from '../collect/context.ts';
import { countDrops, forgetDrops } from '../collect/store/drops.ts';
import type { Feed, FeedContext, Frozen } from '../collect/store/frozen.ts';
import type { Metrics, Writers } from '../collect/writers.ts';
import { Across, sharable } from './across/across.ts';
import { BoundCounter, LabelledCounter } from './counters.ts';
import type { SpanSource } from './exemplars/span.ts';
import { LiveFamily } from './family.ts';
import { BoundGauge, LabelledGauge } from './gauges.ts';
import { BoundHistogram, LabelledHistogram } from './histograms.ts';
import { ignoring } from './ignoring.ts';
import type { Live, LiveMetrics } from './instruments.ts';
import { Infos, States } from './states.ts';
import { changesOf, checkTuning, type Tuning, tuned } from './tune.ts';
import { writeFrozen } from './write-frozen.ts';

/** Options of {@link live}. */
export interface LiveDeclaration<M extends LiveMetrics> {
  /** The collector's name. */
  readonly name: string;
  readonly metrics: M;
  /** Maximum series of each metric; default 2000. Above it, counts go to a series labelled `__overflow__`. */
  readonly maxSeries?: number;
  /**
   * Hides series that have not changed for so long; default: never. Each change is exposed for that time at least, so choose
   * several times the longest scrape interval. A series that is counted again begins at 0. Series that are there from the start
   * stay, and so do gauges that `inc` and `dec` have left at another value than 0.
   */
  readonly idleAfterMs?: number;
  /**
   * Returns the span whose ids become exemplars, if it is sampled, in place of OpenTelemetry's active one; `false`: exemplars are
   * only those that come with a call.
   */
  readonly span?: SpanSource | false;
  /**
   * An operator's changes, by the names of metrics: `{ shop_checkout_seconds: { buckets: [1, 5] } }`. They are read once.
   * `tuneFrom` and `tuning` of `exporter-kit/config` read them from a variable of the environment or a configuration.
   */
  readonly tune?: Tuning | undefined;
  /** Writes numbers that are read at a scrape rather than counted, as a collector does. */
  collect?(writers: Writers<M>, context: Context): void | Promise<void>;
}

// As OpenTelemetry's.
const MAX_SERIES = 2000;

/**
 * Instruments for counting inside an application: one for each metric, under the metric's key, and `collector`, which exposes
 * them. Nothing is registered globally, and nothing is started.
 *
 * @example
 * const shop = live({
 *   name: 'shop',
 *   metrics: { orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: { paid: ['card', 'cash'] } }) },
 * });
 * shop.orders.inc({ paid: 'card' });
 * await serve(exporter({ name: 'shop_exporter', collectors: [shop.collector] }));
 * @throws TypeError for an invalid name or option, an unknown name in `tune`, or if two metrics would write the same name.
 */
export function live<const M extends LiveMetrics>(declaration: LiveDeclaration<M>): Live<M> {
  const { name, metrics, maxSeries = MAX_SERIES, idleAfterMs = Infinity, span, tune = {} } = declaration;
  checkRunName('live', name);
  const owner = `live ${name}`;
  checkMetrics(owner, metrics as Metrics, ['collector']);
  if (!(Number.isInteger(maxSeries) && maxSeries > 0)) {
    const given = typeof maxSeries === 'number' ? maxSeries : `a value of type ${typeof maxSeries}`;
    throw new TypeError(`${owner}: maxSeries must be a whole number above 0, not ${given}.`);
  }
  if (!(typeof idleAfterMs === 'number' && idleAfterMs > 0)) {
    const given = typeof idleAfterMs === 'number' ? idleAfterMs : `a value of type ${typeof idleAfterMs}`;
    throw new TypeError(`${owner}: idleAfterMs must be a number above 0, not ${given}.`);
  }
  if (span !== undefined && span !== false && typeof span !== 'function') {
    throw new TypeError(`${owner}: span must be a function that returns the active span, or false.`);
  }
  checkTuning(owner, tune, Object.values(metrics as Metrics));
  const ever = countDrops(false);
  const recent = countDrops(false, ever);
  const families = new Map<string, LiveFamily>();
  const off = new Map<string, typeof ignoring>();
  for (const [key, metric] of Object.entries(metrics as Metrics)) {
    if (!(metric.kind in instruments)) {
      throw new TypeError(`${owner}: ${metric.name} is a ${metric.kind}, which can't be counted; use another type.`);
    }
    const changes = changesOf(tune, metric);
    if (changes.off === true) off.set(key, ignoring);
    else {
      const limits = {
        maxSeries: changes.maxSeries ?? maxSeries,
        idleAfterMs: changes.idleAfterMs ?? idleAfterMs,
      };
      families.set(key, new LiveFamily(tuned(metric, changes), { ...limits, span }, recent));
    }
  }
  const across = new Across(name, [...families.values()], recent);
  const feed: Feed = {
    version: 1,
    freeze(options): Frozen {
      return {
        families: across.all.freeze(options, true),
        drops: ever,
        takeRefused() {
          const [first] = recent.first.values();
          forgetDrops(recent);
          return first;
        },
      };
    },
  };
  sharable(feed, across);
  const collector: Collector = {
    name,
    metrics: Object.fromEntries(Array.from(families, ([key, { metric }]) => [key, metric])),
    families: 'declared',
    enabled: true,
    optional: false,
    auxiliary: false,
    prefix: '',
    constLabels: {},
    feed,
    collect(writers, context) {
      const all = off.size === 0 ? writers : { ...(writers as object), ...Object.fromEntries(off) };
      const returned: unknown = declaration.collect?.(all as Writers<M>, context as Context);
      const write = (): void => {
        if ((context as FeedContext).feedVersion !== 1)
          writeFrozen(feed.freeze({ natives: true }), families, writers as never);
      };
      const waits = across.needsRefresh || typeof returned === 'object' || typeof returned === 'function';
      // Most wait for nothing, and a scrape that knows costs less.
      if (!waits) return write();
      return Promise.resolve(returned)
        .then(() => across.refresh())
        .then(write);
    },
  };
  const made = Object.fromEntries(
    Array.from(families, ([key, family]) => [key, instruments[family.metric.kind as keyof typeof instruments](family)]),
  );
  return Object.freeze({ ...made, ...Object.fromEntries(off), collector }) as never;
}

const isPlain = ({ metric }: LiveFamily): boolean => metric.labels.length === 0;

const instruments = {
  counter: (family: LiveFamily) => (isPlain(family) ? family.childOf(0, BoundCounter) : new LabelledCounter(family)),
  gauge: (family: LiveFamily) => (isPlain(family) ? family.childOf(0, BoundGauge) : new LabelledGauge(family)),
  histogram: (family: LiveFamily) =>
    isPlain(family) ? family.childOf(0, BoundHistogram) : new LabelledHistogram(family),
  stateset: (family: LiveFamily) => new States(family),
  info: (family: LiveFamily) => new Infos(family),
};
