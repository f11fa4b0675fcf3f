import { createHash } from 'node:crypto';
import type { Collector } from '../../collect/collector.ts';
import { type Drops, drop } from '../../collect/store/drops.ts';
import type { Feed, FreezeOptions, FrozenFamily } from '../../collect/store/frozen.ts';
import type { LiveFamily } from '../family.ts';
import { MergedFamily } from './merged-family.ts';
import { type Others, Places } from './part.ts';

/** What is shared: the value of `live`, or any other with the collector of one, such as `httpServer()`. */
export interface Shareable {
  readonly collector: Collector;
}

/** A live value's families here, and those of other threads and processes. */
export class Across {
  readonly name: string;
  readonly families: readonly LiveFamily[];
  /** Of the declarations: only numbers of the same shape can be added. */
  readonly shape: string;
  /** Whether another process reads what is counted here. */
  isJoined = false;
  readonly #drops: Drops;
  readonly #others: Set<Others> = new Set();
  readonly #merged: readonly MergedFamily[];
  readonly #places: readonly Places[];
  #refreshing: Promise<unknown> | undefined;

  constructor(name: string, families: readonly LiveFamily[], drops: Drops) {
    this.name = name;
    this.families = families;
    this.shape = shapeOf(families);
    this.#drops = drops;
    this.#merged = families.map((family) => new MergedFamily(family));
    this.#places = families.map(() => new Places());
  }

  add(others: Others): void {
    this.#others.add(others);
  }

  remove(others: Others): void {
    this.#others.delete(others);
  }

  /** The numbers of all threads and processes that are known here. */
  freeze(options?: FreezeOptions): readonly FrozenFamily[] {
    // First, since what has ended meanwhile is added to the families here.
    const parts = Array.from(this.#others, (others) => others.parts(options)).flat();
    const isAlone = this.#others.size === 0 && !this.isJoined;
    const own = this.families.map((family) => family.freeze(options, isAlone));
    if (this.#others.size === 0) return own;
    return own.map((frozen, i) => {
      const others = parts.flatMap((families) => families[i] ?? []);
      return this.#merged[i]!.merge([{ frozen, places: this.#places[i]! }, ...others]);
    });
  }

  /** To be awaited before {@link freeze}. */
  async refresh(): Promise<void> {
    this.#refreshing ??= Promise.all(Array.from(this.#others, (others) => others.refresh?.())).finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
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
  return createHash('sha256').update(JSON.stringify(declared)).digest('base64url').slice(0, 22);
}

const known = new WeakMap<Feed, Across>();

/** Makes a live value sharable. */
export function sharable(feed: Feed, across: Across): void {
  known.set(feed, across);
}

/** @throws TypeError for a value that `live` did not make. */
export function acrossOf(call: string, lives: Shareable | readonly Shareable[]): readonly Across[] {
  return (Array.isArray(lives) ? lives : [lives]).map((value: Shareable | undefined) => {
    const across = known.get(value?.collector?.feed as Feed);
    if (across !== undefined) return across;
    throw new TypeError(
      `${call}: expected what live() returned, or a list of such; import live and ${call} from the same copy of exporter-kit.`,
    );
  });
}
