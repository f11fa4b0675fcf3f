import { type Across, acrossOf, type Shareable } from './across.ts';
import { type Child, type Cluster, Workers } from './process/workers.ts';
import { type SharedCounts, shareWithThreads } from './thread/threads.ts';

/** Options of {@link share} for threads. */
export interface ShareOptions {
  /**
   * Memory for all threads and each live value, 64 MiB by default. It is reserved, and used as series come; when it is full,
   * counts of further series go to those labelled `__overflow__`.
   */
  readonly maxBytes?: number;
}

const workersOf = new WeakMap<Across, Workers>();

/**
 * Serves here what other threads or processes count, with what is counted here. Each of them calls {@link join}. For threads, it
 * returns what they need; to be called before they are started. For processes, it is given `cluster`, or a child of `fork()`.
 *
 * @example
 * new Worker(file, { workerData: share(shop) });
 * share([shop, mail], cluster); // in the primary, before cluster.fork()
 * @throws TypeError for a value that `live` did not make, or in a process that was forked by a cluster.
 */
export function share(lives: Shareable | readonly Shareable[], options?: ShareOptions): SharedCounts;
export function share(lives: Shareable | readonly Shareable[], from: Cluster | Child): void;
export function share(
  lives: Shareable | readonly Shareable[],
  from: Cluster | Child | ShareOptions = {},
): SharedCounts | undefined {
  const all = acrossOf('share', lives);
  if (!('on' in from)) return shareWithThreads(all, maxBytesOf(from));
  if (('isPrimary' in from && !from.isPrimary) || from === (process as object)) {
    throw new TypeError('share: this process is the forked one; call join(…, process).');
  }
  for (const across of all) {
    let workers = workersOf.get(across);
    if (workers === undefined) {
      workers = new Workers(across);
      workersOf.set(across, workers);
      across.add(workers);
    }
    workers.listen(from);
  }
  return undefined;
}

function maxBytesOf({ maxBytes }: ShareOptions): number | undefined {
  if (maxBytes === undefined || (Number.isInteger(maxBytes) && maxBytes >= MIN_BYTES && maxBytes <= MAX_BYTES)) {
    return maxBytes && Math.ceil(maxBytes / 8) * 8;
  }
  throw new TypeError(
    `share: maxBytes must be a whole number from ${MIN_BYTES} to ${MAX_BYTES}, not ${String(maxBytes)}.`,
  );
}

const MIN_BYTES = 2 ** 20;
const MAX_BYTES = 2 ** 30;
