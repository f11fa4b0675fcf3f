import { setTimeout } from 'node:timers/promises';
import type { Collector } from '../../collect/collector.ts';
import { type Drops, drop } from '../../collect/store/drops.ts';
import type { Feed, FreezeOptions, FrozenFamily } from '../../collect/store/frozen.ts';
import type { LiveFamily } from '../family.ts';
import { MergedFamily } from './merged-family.ts';
import type { Others, Part } from './part.ts';

/** What is shared: the value of `live`, or any other with the collector of one, such as `httpServer()`. */
export interface Shareable {
  readonly collector: Collector;
}

// A disk may hang.
const REFRESH_MS = 2000;

/** Numbers of some threads and processes, as they are told or served. */
export class View {
  readonly #across: Across;
  readonly #others: ReadonlySet<Others>;
  readonly #but: Others | undefined;
  // Made when they are first needed.
  #merged: readonly MergedFamily[] | undefined;

  constructor(across: Across, others: ReadonlySet<Others>, but?: Others) {
    this.#across = across;
    this.#others = others;
    this.#but = but;
  }

  /** Gives new series of a part the rows that they have in all readings to come. */
  place(parts: readonly (Part | undefined)[]): void {
    for (const _ of this.placing(parts));
  }

  /** The same, a few series at a time: it stops after some, to be continued when other work was done. */
  *placing(parts: readonly (Part | undefined)[]): Generator<void, void, void> {
    this.#merged ??= this.#across.families.map((family) => new MergedFamily(family));
    for (const [i, family] of this.#merged.entries()) if (parts[i] !== undefined) yield* family.placing(parts[i]);
  }

  /** @param isServed whether to hide series that are idle, which only readers of this process do. */
  freeze(options: FreezeOptions = {}, isServed = false): readonly FrozenFamily[] {
    const { families, isJoined } = this.#across;
    const isAlone = this.#others.size === 0 && !isJoined;
    const hides = isServed && !isAlone && families.some(({ idleAfterMs }) => idleAfterMs < Infinity);
    const restarts = ![...this.#others].some((some) => some.areServedByEach === true);
    // What a series has when it is hidden may be subtracted later.
    const read = hides ? { ...options, natives: true } : options;
    const others = [...this.#others].filter((some) => some !== this.#but);
    // First, since what has ended meanwhile is added to the families here.
    const parts = others.flatMap((some) => some.parts(read));
    const own = families.map((family) => family.freeze(read, isAlone));
    if (others.length === 0 && !hides) return own;
    this.#merged ??= families.map((family) => new MergedFamily(family));
    const merged = this.#merged;
    return own.map((frozen, i) => {
      const theirs = parts.flatMap((family) => family[i] ?? []);
      const { nativeOf, ...rest } = merged[i]!.merge(
        [{ frozen, key: families[i]! }, ...theirs],
        hides ? { restarts } : undefined,
      );
      return options.natives === true && nativeOf !== undefined ? { ...rest, nativeOf } : rest;
    });
  }
}

/** A live value's families here, and those of other threads and processes. */
export class Across {
  readonly name: string;
  readonly families: readonly LiveFamily[];
  /** Whether another process reads what is counted here. */
  isJoined = false;
  readonly #drops: Drops;
  readonly #others: Set<Others> = new Set();
  /** The numbers of all threads and processes that are known here. */
  readonly all: View;
  #shape: string | undefined;
  #refreshing: Promise<unknown> | undefined;

  constructor(name: string, families: readonly LiveFamily[], drops: Drops) {
    this.name = name;
    this.families = families;
    this.#drops = drops;
    this.all = new View(this, this.#others);
  }

  /** Of the declarations: only numbers of the same shape can be added. */
  get shape(): string {
    this.#shape ??= shapeOf(this.families);
    return this.#shape;
  }

  /** Whether others count in the same families. */
  get hasOthers(): boolean {
    return this.#others.size > 0;
  }

  add(others: Others): void {
    this.#others.add(others);
  }

  remove(others: Others): void {
    this.#others.delete(others);
  }

  /** All numbers but those of some. */
  without(some: Others): View {
    return new View(this, this.#others, some);
  }

  /** Whether there is anything to wait for: workers tell on their own. */
  get needsRefresh(): boolean {
    for (const { refresh } of this.#others) if (refresh !== undefined) return true;
    return false;
  }

  /** To be awaited before numbers are served. What takes too long is left as it was. Never rejects. */
  async refresh(): Promise<void> {
    if (!this.needsRefresh) return;
    this.#refreshing ??= Promise.all(Array.from(this.#others, (others) => others.refresh?.())).finally(() => {
      this.#refreshing = undefined;
    });
    const ended = new AbortController();
    const late = setTimeout(REFRESH_MS, undefined, { ref: false, signal: ended.signal }).catch(() => {});
    await Promise.race([this.#refreshing, late]);
    ended.abort();
  }

  /** Counts something from another thread or process that is not what it should be, for the log. */
  refuse(why: string): void {
    drop(this.#drops, 'foreign', () => `live ${this.name}: ${why}`);
  }
}

function shapeOf(families: readonly LiveFamily[]): string {
  const declared = families.map(({ metric, maxSeries }) => {
    const { kind, name, labels, buckets, native, states, across = 'sum' } = metric;
    return [kind, name, labels.map((label) => [label.name, label.values]), buckets, native, states, across, maxSeries];
  });
  // Loaded here: most applications share nothing, and it would take longer than all else that they load.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(JSON.stringify(declared)).digest('base64url').slice(0, 22);
}

const known = new WeakMap<Feed, Across>();

/** Makes a live value sharable. */
export function sharable(feed: Feed, across: Across): void {
  known.set(feed, across);
}

/** @throws TypeError for a value that `live` did not make, or whose series may start over on their own. */
export function acrossOf(call: string, lives: Shareable | readonly Shareable[]): readonly Across[] {
  return (Array.isArray(lives) ? lives : [lives]).map((value: Shareable | undefined) => {
    const across = known.get(value?.collector?.feed as Feed);
    if (across !== undefined) return withoutResets(call, across);
    throw new TypeError(
      `${call}: expected what live() returned, or a list of such; import live and ${call} from the same copy of exporter-kit.`,
    );
  });
}

/** To a reader, each counter that falls has started over: if one part of a sum did, it would add all the other parts once more. */
function withoutResets(call: string, across: Across): Across {
  for (const { metric, native } of across.families) {
    if (native === undefined || native.shape.resetAfterMs === Infinity) continue;
    throw new TypeError(
      `${call}: ${metric.name} has native.resetAfterMs, by which each thread or process would start over at another time; ` +
        'remove it from its declaration and from tune.',
    );
  }
  return across;
}
