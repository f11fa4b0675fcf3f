import { shapeDifference } from '../../metric/family.ts';
import { labelClash, labelNames } from '../../metric/labels.ts';
import type { Metric } from '../../metric/metric.ts';
import { deprecationNote } from '../../metric/renamed.ts';
import { prefixedViews } from '../../metric/views.ts';
import type { Collector } from '../collector.ts';
import type { FamilyWriter, Metrics } from '../writers.ts';
import { type Budget, Column } from './column.ts';
import type { Drops } from './drops.ts';
import { ConflictingWriter, type Place, type Run, writerFor } from './kind-writers.ts';
import { isPlain, PlainRows } from './plain-rows.ts';
import type { SnapshotColumn } from './snapshot-column.ts';

/** The owner of a store. */
export interface StoreOwner extends Pick<Partial<Collector>, 'prefix' | 'cacheForMs' | 'maxSeries'> {
  /** Names it in messages. */
  readonly title: string;
  readonly metrics: Metrics;
  readonly constLabels?: { readonly [label: string]: string };
  /** A series written again replaces its earlier value in the run; default: it is a duplicate. */
  readonly overwriting?: boolean;
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
  readonly #declared: readonly DeclaredPlace[];
  readonly #plain: PlainRows;
  // Of declared metrics that are not plain; each made when it is first written.
  readonly #columns: (Column | undefined)[] = [];
  readonly #dynamic: Map<string, { column: Column; declared: Metric; usedIn: number }> = new Map();
  readonly #budget: Budget = { left: Infinity, limit: Infinity };
  #gen = 0;
  #run: StoreRun | undefined;
  #held = 0;

  constructor(owner: StoreOwner, drops: Drops) {
    const { constLabels = {}, overwriting = false } = owner;
    this.#owner = owner;
    this.drops = drops;
    const { places, plain } = placesOf(owner);
    this.#declared = places;
    this.#plain = new PlainRows(plain, constLabels, drops, this.#budget, overwriting);
  }

  /** Starts a run and returns its writers, with `family` among them. */
  begin(): { readonly [key: string]: unknown } {
    this.end();
    this.#gen++;
    this.#budget.limit = this.#owner.maxSeries ?? Infinity;
    this.#budget.left = this.#budget.limit;
    const shared = this.#held > 0;
    const { drops } = this;
    const run: StoreRun = { isOpen: true, drops, plain: this.#plain, column: (at) => this.#columnAt(at) };
    this.#run = run;
    this.#plain.begin(this.#gen, shared);
    for (const column of this.#columns) column?.begin(this.#gen, shared);
    const writers: Record<string, unknown> = { family: this.#familyWriter(run, shared) };
    for (const place of this.#declared) writers[place.key] = writerFor(run, place);
    return writers;
  }

  /** Ends the run: later writes are dropped. */
  end(): void {
    if (this.#run !== undefined) this.#run.isOpen = false;
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
    const copies = new Map<object, object>();
    const copied = <T extends Float64Array | Uint32Array>(list: T): T => {
      const copy = copies.get(list) ?? list.slice();
      copies.set(list, copy);
      return copy as T;
    };
    return this.#written().map((column) => ({ ...column, gens: copied(column.gens), vals: copied(column.vals) }));
  }

  #written(): SnapshotColumn[] {
    const written: SnapshotColumn[] = [];
    const add = (column: Column | undefined): void => {
      if (column !== undefined && column.live > 0) written.push(column.snapshot());
    };
    for (const { isPlain, at } of this.#declared) {
      const row = isPlain ? this.#plain.snapshot(at) : undefined;
      if (row !== undefined) written.push(row);
      else if (!isPlain) add(this.#columns[at]);
    }
    for (const { usedIn, column } of this.#dynamic.values()) if (usedIn === this.#gen) add(column);
    return written;
  }

  #familyWriter(run: StoreRun, shared: boolean): FamilyWriter {
    const gen = this.#gen;
    let handed: Map<string, object> | undefined;
    const family = (metric: Metric): unknown => {
      if (!run.isOpen) return writerFor(run, dynamicPlace(asWritten(this.#owner, metric)));
      const known = this.#dynamic.get(metric.name);
      const difference = known === undefined ? undefined : shapeDifference(known.declared, metric);
      if (known?.usedIn === gen) {
        if (difference === undefined) return handed?.get(metric.name);
        const why = `${this.#owner.title}: family ${metric.name} is declared twice in one run with a different ${difference}; declare it once.`;
        return this.#conflicting(run, why);
      }
      const same = known !== undefined && difference === undefined;
      const clash = same ? undefined : this.#labelClash(metric);
      if (clash !== undefined) {
        const why = `${this.#owner.title}: of family ${metric.name}, the labels ${clash}; rename one.`;
        return this.#conflicting(run, why);
      }
      const column = same ? known.column : this.#newColumn(asWritten(this.#owner, metric));
      this.#dynamic.set(metric.name, { column, declared: metric, usedIn: gen });
      column.begin(gen, shared);
      const writer = writerFor(run, dynamicPlace(column.metric), column);
      handed ??= new Map();
      handed.set(metric.name, writer);
      return writer;
    };
    return family as FamilyWriter;
  }

  /** A label of the collector that a dynamic family has too. */
  #labelClash(metric: Metric): string | undefined {
    return labelClash(labelNames(metric, this.#owner.constLabels ?? {}));
  }

  /** In strict mode, throws; otherwise, each sample of the family is dropped. */
  #conflicting(run: StoreRun, why: string): ConflictingWriter {
    if (this.drops.strict) throw new TypeError(why);
    return new ConflictingWriter(run, why);
  }

  #columnAt(at: number): Column {
    const known = this.#columns[at];
    if (known !== undefined) return known;
    const column = this.#newColumn(this.#declared.find((one) => !one.isPlain && one.at === at)!.metric);
    column.begin(this.#gen, false);
    while (this.#columns.length < at) this.#columns.push(undefined);
    this.#columns[at] = column;
    return column;
  }

  #newColumn(metric: Metric): Column {
    const { constLabels = {}, overwriting = false } = this.#owner;
    return new Column(metric, constLabels, this.drops, this.#budget, overwriting);
  }
}

interface StoreRun extends Run {
  isOpen: boolean;
}

interface DeclaredPlace extends Place {
  readonly key: string;
}

interface Places {
  readonly places: readonly DeclaredPlace[];
  /** Metrics of the plain rows. */
  readonly plain: readonly Metric[];
}

// The same for the stores of all targets.
const known = new WeakMap<Metrics, Map<string, Places>>();

function placesOf(owner: StoreOwner): Places {
  const { metrics, prefix = '', cacheForMs = 0 } = owner;
  const all = known.get(metrics) ?? new Map<string, Places>();
  known.set(metrics, all);
  const variant = `${prefix} ${cacheForMs}`;
  const places = all.get(variant) ?? newPlaces(owner);
  all.set(variant, places);
  return places;
}

function newPlaces(owner: StoreOwner): Places {
  const plain: Metric[] = [];
  let others = 0;
  const places = Object.entries(owner.metrics).map(([key, declared]) => {
    const metric = asWritten(owner, declared);
    return {
      key,
      metric,
      ...(isPlain(metric) ? { isPlain: true, at: plain.push(metric) - 1 } : { isPlain: false, at: others++ }),
    };
  });
  return { places, plain };
}

const dynamicPlace = (metric: Metric): Place => ({ metric, isPlain: false, at: -1 });

/** A collector as the owner of its store. */
export function storeOwner(collector: Collector): StoreOwner {
  const { name, metrics, prefix, constLabels, cacheForMs, maxSeries } = collector;
  return {
    title: `collector ${name}`,
    metrics,
    prefix,
    constLabels,
    ...(cacheForMs === undefined ? {} : { cacheForMs }),
    ...(maxSeries === undefined ? {} : { maxSeries }),
  };
}

/** A metric as it is exposed: with the collector's prefix, and a HELP text that mentions the cache and what is deprecated. */
export function asWritten(
  { prefix = '', cacheForMs }: Pick<StoreOwner, 'prefix' | 'cacheForMs'>,
  metric: Metric,
): Metric {
  if (prefix === '' && cacheForMs === undefined && metric.views?.deprecated === undefined) return metric;
  const cached = cacheForMs === undefined ? '' : ` (Cached for ${cacheForMs / 1000} s.)`;
  const views = metric.views && { views: prefixedViews(prefix, metric.views) };
  const written = { ...metric, name: prefix + metric.name, help: metric.help + cached, ...views };
  return { ...written, help: written.help + deprecationNote(written) };
}
