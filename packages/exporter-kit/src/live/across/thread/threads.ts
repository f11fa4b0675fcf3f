import type { LiveFamily } from '../../family.ts';
import type { Across } from '../across.ts';
import { hearEnds, parentThread, thisThread } from './ends.ts';
import { SharedMemory, STRIPES } from './shared-memory.ts';
import { moveTo } from './stripe.ts';
import { Stripes } from './stripes.ts';

const KIND = 'threads/1';
const MAX_BYTES = 64 * 2 ** 20;
const SWEEP_MS = 1000;
const FREEZE_MS = 1000;

/** What `share` returns for threads: it goes to `workerData`, as it is or as a part of it. */
export interface SharedCounts {
  readonly 'exporter-kit': typeof KIND;
  readonly lives: readonly SharedLive[];
}

interface SharedLive {
  readonly name: string;
  readonly shape: string;
  readonly buffer: SharedArrayBuffer;
}

// What each live value here is shared by.
const shared = new WeakMap<Across, SharedLive>();

/** Shares live values with threads; the same memory however often it is called, and in threads of threads. */
export function shareWithThreads(all: readonly Across[], maxBytes: number = MAX_BYTES): SharedCounts {
  return { 'exporter-kit': KIND, lives: all.map((across) => shared.get(across) ?? begin(across, maxBytes)) };
}

function begin(across: Across, maxBytes: number): SharedLive {
  const { name, shape, families } = across;
  const memory = new SharedMemory(families.length, maxBytes);
  const stripes = new Stripes(across, memory);
  across.add(stripes);
  hearEnds(memory, () => stripes.sweep());
  // For threads of threads, whose end is not heard here.
  setInterval(() => stripes.sweep(), SWEEP_MS).unref();
  const live = { name, shape, buffer: memory.buffer };
  shared.set(across, live);
  return live;
}

export function isSharedCounts(value: unknown): value is SharedCounts {
  return typeof value === 'object' && value !== null && (value as SharedCounts)['exporter-kit'] === KIND;
}

/**
 * Counts in the memory that another thread shares.
 *
 * @throws TypeError if it is for others, RangeError if there is no place in it.
 */
export function joinThread(across: Across, { lives }: SharedCounts): void {
  const { name, shape, families } = across;
  const live = lives.find((other) => other.name === name);
  if (live === undefined) {
    throw new TypeError(`join: live ${name} was not shared; add it to the list that share() is given.`);
  }
  if (live.shape !== shape) {
    throw new TypeError(
      `join: live ${name} has other declarations, maxSeries or tune here than where share() was called; make both by the same module.`,
    );
  }
  const before = shared.get(across);
  if (before?.buffer === live.buffer) return;
  if (before !== undefined) throw new TypeError(`join: live ${name} is shared by this thread, or has joined another.`);
  const memory = new SharedMemory(families.length, live.buffer);
  const stripe = memory.claim(thisThread(), parentThread());
  if (stripe < 0) throw new RangeError(`join: ${STRIPES} threads count in live ${name} already; start fewer at once.`);
  moveTo(memory, stripe, families);
  shared.set(across, live);
  hearEnds(memory, () => {});
  setInterval(() => tidy(families), FREEZE_MS).unref();
}

/** The reader may not do it here: finds what is idle, hands counts over, and has each number look for a new exemplar. */
export function tidy(families: readonly LiveFamily[]): void {
  for (const family of families) {
    family.freeze({}, false);
    family.handOver();
  }
}
