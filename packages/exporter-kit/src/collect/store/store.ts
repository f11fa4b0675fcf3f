import { shapeDifference } from '../../metric/family.ts';
import { labelClash, labelNames } from '../../metric/labels.ts';
import type { Metric } from '../../metric/metric.ts';
import type { Collector } from '../collector.ts';
import type { FamilyWriter, Metrics } from '../writers.ts';
import { type Budget, Column } from './column.ts';
import type { Drops } from './drops.ts';
import { ConflictingWriter, type RunWriter, writerFor } from './kind-writers.ts';
import type { SnapshotColumn } from './snapshot-column.ts';

/** The owner of a store. */
export interface StoreOwner {
  /** Names it in messages. */
  readonly title: string;
  readonly metrics: Metrics;
  readonly constLabels?: { readonly [label: string]: string };
  /** Maximum series of one run. */
  readonly maxSeries?: number;
  /** A series written again replaces its earlier value in the run; default: it is a duplicate. */
  readonly overwriting?: boolean;
  /** Transforms a declared metric; default: unchanged. */
  readonly written?: (metric: Metric) => Metric;
}

/** What a finished run has written. Its numbers do not change until every holder has released it. */
export interface StoreSnapshot {
  readonly columns: readonly SnapshotColumn[];
  /** Adds a holder; each calls `release` once. */
  hold(): void;
  release(): void;
}

/** Keeps the series of one collector, probe or job across its runs. For one run at a time. */
export class Store {
  readonly drops: Drops;
  readonly #owner: StoreOwner;
  // Made for the first run, as there may be none.
  #declared: Map<string, Column> | undefined;
  readonly #dynamic: Map<string, { column: Column; declared: Metric; usedIn: number }> = new Map();
  readonly #budget: Budget = { left: Infinity, limit: Infinity };
  #gen = 0;
  #open = false;
  #held = 0;
  #writers: RunWriter[] = [];

  constructor(owner: StoreOwner, drops: Drops) {
    this.#owner = owner;
    this.drops = drops;
  }

  /** Starts a run and returns its writers, with `family` among them. */
  begin(): { readonly [key: string]: unknown } {
    this.end();
    this.#gen++;
    this.#open = true;
    this.#budget.limit = this.#owner.maxSeries ?? Infinity;
    this.#budget.left = this.#budget.limit;
    const shared = this.#held > 0;
    const writers: Record<string, unknown> = { family: this.#familyWriter(shared) };
    this.#declared ??= new Map(Object.entries(this.#owner.metrics).map(([key, metric]) => [key, this.#column(metric)]));
    for (const [key, column] of this.#declared) {
      column.begin(this.#gen, shared);
      writers[key] = this.#hand(column);
    }
    return writers;
  }

  /** Ends the run: later writes are dropped. */
  end(): void {
    this.#open = false;
    for (const writer of this.#writers) writer.live = false;
    this.#writers = [];
  }

  /** Ends the run and returns what it wrote. */
  snapshot(): StoreSnapshot {
    this.end();
    for (const [name, { usedIn }] of this.#dynamic) if (usedIn < this.#gen - 8) this.#dynamic.delete(name);
    this.#held++;
    return {
      columns: this.#written(),
      hold: () => void this.#held++,
      release: () => void this.#held--,
    };
  }

  /** A copy of what the run has written so far; the run continues, and nothing needs to be released. */
  peek(): SnapshotColumn[] {
    return this.#written().map((column) => ({ ...column, gens: column.gens.slice(), vals: column.vals.slice() }));
  }

  #written(): SnapshotColumn[] {
    const dynamic = [...this.#dynamic.values()].filter(({ usedIn }) => usedIn === this.#gen);
    const columns = [...(this.#declared?.values() ?? []), ...dynamic.map(({ column }) => column)];
    return columns.filter(({ live }) => live > 0).map((column) => column.snapshot());
  }

  #familyWriter(shared: boolean): FamilyWriter {
    const gen = this.#gen;
    const handed = new Map<string, RunWriter>();
    const family = (metric: Metric): unknown => {
      const known = this.#dynamic.get(metric.name);
      if (this.#gen !== gen || !this.#open) return shut(this.#column(metric), this.drops);
      const difference = known === undefined ? undefined : shapeDifference(known.declared, metric);
      if (known?.usedIn === gen) {
        if (difference === undefined) return handed.get(metric.name);
        const why = `${this.#owner.title}: family ${metric.name} is declared twice in one run with a different ${difference}; declare it once.`;
        return this.#conflicting(why);
      }
      const same = known !== undefined && difference === undefined;
      const clash = same ? undefined : this.#labelClash(metric);
      if (clash !== undefined) {
        const why = `${this.#owner.title}: of family ${metric.name}, the labels ${clash}; rename one.`;
        return this.#conflicting(why);
      }
      const column = same ? known.column : this.#column(metric);
      this.#dynamic.set(metric.name, { column, declared: metric, usedIn: gen });
      column.begin(gen, shared);
      const writer = this.#hand(column);
      handed.set(metric.name, writer);
      return writer;
    };
    return family as FamilyWriter;
  }

  /** A label of the collector that a dynamic family has too. */
  #labelClash(metric: Metric): string | undefined {
    const { constLabels = {}, written = (same) => same } = this.#owner;
    return labelClash(labelNames(written(metric), constLabels));
  }

  #hand(column: Column): RunWriter {
    const writer = writerFor(column, this.drops);
    this.#writers.push(writer);
    return writer;
  }

  /** In strict mode, throws; otherwise, each sample of the family is dropped. */
  #conflicting(why: string): RunWriter {
    if (this.drops.strict) throw new TypeError(why);
    const writer = new ConflictingWriter(this.drops, why);
    this.#writers.push(writer);
    return writer;
  }

  #column(metric: Metric): Column {
    const { constLabels = {}, written = (same) => same, overwriting = false } = this.#owner;
    return new Column(written(metric), constLabels, this.drops, this.#budget, overwriting);
  }
}

function shut(column: Column, drops: Drops): RunWriter {
  const writer = writerFor(column, drops);
  writer.live = false;
  return writer;
}

/** A collector as the owner of its store. */
export function storeOwner(collector: Collector): StoreOwner {
  const { name, metrics, constLabels, maxSeries } = collector;
  return {
    title: `collector ${name}`,
    metrics,
    constLabels,
    ...(maxSeries === undefined ? {} : { maxSeries }),
    written: (metric) => asWritten(collector, metric),
  };
}

/** A metric as it is exposed: with the collector's prefix, and a HELP text that mentions the cache. */
export function asWritten({ prefix, cacheForMs }: Collector, metric: Metric): Metric {
  if (prefix === '' && cacheForMs === undefined) return metric;
  const cached = cacheForMs === undefined ? '' : ` (Cached for ${cacheForMs / 1000} s.)`;
  return { ...metric, name: prefix + metric.name, help: metric.help + cached };
}
