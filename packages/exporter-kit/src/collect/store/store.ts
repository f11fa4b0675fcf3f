import { shapeDifference } from '../../metric/family.ts';
import { labelClash, labelNames } from '../../metric/labels.ts';
import type { Metric } from '../../metric/metric.ts';
import type { Collector } from '../collector.ts';
import type { FamilyWriter, Metrics } from '../writers.ts';
import { type Budget, Column, type FrozenColumn } from './column.ts';
import type { Drops } from './drops.ts';
import { ConflictingWriter, type RunWriter, writerFor } from './kind-writers.ts';

/** What a store belongs to. */
export interface StoreOwner {
  /** Names it in messages. */
  readonly title: string;
  readonly metrics: Metrics;
  readonly constLabels?: { readonly [label: string]: string };
  /** The most series a run may write. */
  readonly maxSeries?: number;
  /** A series that is written again replaces what the run wrote of it before; default: it is a duplicate. */
  readonly overwriting?: boolean;
  /** A declared metric as it is to be written; default: as it is. */
  readonly written?: (metric: Metric) => Metric;
}

/** What a finished run has written. Its numbers stay as they are until every holder has released it. */
export interface Frozen {
  readonly columns: readonly FrozenColumn[];
  /** One more reader; each calls `release` once. */
  hold(): void;
  release(): void;
}

/** Keeps the series of one collector, probe or job across its runs. One run at a time has it. */
export class Store {
  readonly drops: Drops;
  readonly #owner: StoreOwner;
  readonly #declared: Map<string, Column> = new Map();
  readonly #dynamic: Map<string, { column: Column; declared: Metric; usedIn: number }> = new Map();
  readonly #budget: Budget = { left: Infinity, limit: Infinity };
  #gen = 0;
  #open = false;
  #held = 0;
  #writers: RunWriter[] = [];

  constructor(owner: StoreOwner, drops: Drops) {
    this.#owner = owner;
    this.drops = drops;
    for (const [key, metric] of Object.entries(owner.metrics)) this.#declared.set(key, this.#column(metric));
  }

  /** Starts a run and hands out its writers; `family` among them. */
  begin(): { readonly [key: string]: unknown } {
    this.end();
    this.#gen++;
    this.#open = true;
    this.#budget.limit = this.#owner.maxSeries ?? Infinity;
    this.#budget.left = this.#budget.limit;
    const shared = this.#held > 0;
    const writers: Record<string, unknown> = { family: this.#familyWriter(shared) };
    for (const [key, column] of this.#declared) {
      column.begin(this.#gen, shared);
      writers[key] = this.#hand(column);
    }
    return writers;
  }

  /** Ends the run: what its writers are given from now on goes nowhere. */
  end(): void {
    this.#open = false;
    for (const writer of this.#writers) writer.live = false;
    this.#writers = [];
  }

  /** Ends the run and keeps what it wrote. */
  freeze(): Frozen {
    this.end();
    for (const [name, { usedIn }] of this.#dynamic) if (usedIn < this.#gen - 8) this.#dynamic.delete(name);
    this.#held++;
    return {
      columns: this.#written(),
      hold: () => void this.#held++,
      release: () => void this.#held--,
    };
  }

  /** What the run has written so far, as it is at this moment; the run goes on, and there is nothing to release. */
  peek(): FrozenColumn[] {
    return this.#written().map((column) => ({ ...column, gens: column.gens.slice(), vals: column.vals.slice() }));
  }

  #written(): FrozenColumn[] {
    const dynamic = [...this.#dynamic.values()].filter(({ usedIn }) => usedIn === this.#gen);
    const columns = [...this.#declared.values(), ...dynamic.map(({ column }) => column)];
    return columns.map((column) => column.freeze()).filter(({ live }) => live > 0);
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
        const why = `${this.#owner.title}: family ${metric.name} comes twice in one run with another ${difference}; write it once.`;
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

  /** Labels of the collector's that a family known only now has too. */
  #labelClash(metric: Metric): string | undefined {
    const { constLabels = {}, written = (same) => same } = this.#owner;
    return labelClash(labelNames(written(metric), constLabels));
  }

  #hand(column: Column): RunWriter {
    const writer = writerFor(column, this.drops);
    this.#writers.push(writer);
    return writer;
  }

  /** Under test, the family is refused; else each of its samples is dropped. */
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

/** What a collector's store is to know of it. */
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

/** A metric as a collector's exposition has it: with its prefix, and a help that tells of the cache. */
export function asWritten({ prefix, cacheForMs }: Collector, metric: Metric): Metric {
  if (prefix === '' && cacheForMs === undefined) return metric;
  const cached = cacheForMs === undefined ? '' : ` (Read anew every ${cacheForMs / 1000} s at most.)`;
  return { ...metric, name: prefix + metric.name, help: metric.help + cached };
}
