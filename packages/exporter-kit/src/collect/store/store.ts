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
  /** Its writers are never used after their run, so that they serve the next one, too. */
  readonly keepsWriters?: boolean;
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
  #writers: Record<string, unknown> | undefined;
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
    const { maxSeries = Infinity, keepsWriters } = this.#owner;
    this.#budget.limit = maxSeries;
    this.#budget.left = maxSeries;
    const shared = this.#held > 0;
    this.#plain.begin(this.#gen, shared);
    for (let i = 0; i < this.#columns.length; i++) this.#columns[i]?.begin(this.#gen, shared);
    if (this.#writers !== undefined && keepsWriters === true) {
      this.#run!.isOpen = true;
      return this.#writers;
    }
    const run = new StoreRun(this, this.#plain);
    this.#run = run;
    const writers: Record<string, unknown> = { family: this.#familyWriter(run, shared) };
    for (const place of this.#declared) writers[place.key] = writerFor(run, place);
    this.#writers = keepsWriters === true ? writers : undefined;
    return writers;
  }

  /** Ends the run: later writes are dropped. */
  end(): void {
    if (this.#run !== undefined) this.#run.isOpen = false;
  }

  /** Ends the run and returns what it wrote. */
  snapshot(): HeldSnapshot {
    this.end();
    if (this.#dynamic.size > 0) this.#forgetUnused();
    this.#held++;
    return new HeldSnapshot(this.#written(), this);
  }

  /** Adds to the number of those who hold what a run has written. */
  addHolders(more: 1 | -1): void {
    this.#held += more;
  }

  #forgetUnused(): void {
    for (const [name, { usedIn }] of this.#dynamic) if (usedIn < this.#gen - 8) this.#dynamic.delete(name);
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
    for (const { isPlain, at } of this.#declared) {
      const column = isPlain ? undefined : this.#columns[at];
      const one = isPlain ? this.#plain.snapshot(at) : column !== undefined && column.live > 0 && column.snapshot();
      if (one) written.push(one);
    }
    if (this.#dynamic.size === 0) return written;
    for (const { usedIn, column } of this.#dynamic.values()) {
      if (usedIn === this.#gen && column.live > 0) written.push(column.snapshot());
    }
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

  /** The column of a declared metric that has no plain row, made when it is first written. */
  columnAt(at: number): Column {
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

class StoreRun implements Run {
  isOpen = true;
  readonly plain: PlainRows;
  readonly #store: Store;

  constructor(store: Store, plain: PlainRows) {
    this.plain = plain;
    this.#store = store;
  }

  get drops(): Drops {
    return this.#store.drops;
  }

  column(at: number): Column {
    return this.#store.columnAt(at);
  }
}

/** What a run has written, for any number of holders. */
export class HeldSnapshot implements StoreSnapshot {
  readonly columns: readonly SnapshotColumn[];
  readonly #store: Store;

  constructor(columns: readonly SnapshotColumn[], store: Store) {
    this.columns = columns;
    this.#store = store;
  }

  hold(): void {
    this.#store.addHolders(1);
  }

  release(): void {
    this.#store.addHolders(-1);
  }

  /** The same hold, with other columns. */
  with(columns: readonly SnapshotColumn[]): HeldSnapshot {
    return new HeldSnapshot(columns, this.#store);
  }
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
