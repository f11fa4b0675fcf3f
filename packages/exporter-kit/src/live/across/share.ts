import { type Across, acrossOf, type Shareable } from './across.ts';
import { type Child, type Cluster, Workers } from './process/workers.ts';

const workersOf = new WeakMap<Across, Workers>();

/**
 * In a cluster's primary, or for a child of `fork()`: what these processes count is served here with what is counted here.
 * Each of them calls {@link join}.
 *
 * @example
 * share(shop, cluster); // before cluster.fork()
 * @throws TypeError for a value that `live` did not make, or in a worker.
 */
export function share(lives: Shareable | readonly Shareable[], from: Cluster | Child): void {
  if (('isPrimary' in from && !from.isPrimary) || from === (process as object)) {
    throw new TypeError('share: this process is the forked one; call join(…, process).');
  }
  for (const across of acrossOf('share', lives)) {
    let workers = workersOf.get(across);
    if (workers === undefined) {
      workers = new Workers(across);
      workersOf.set(across, workers);
      across.add(workers);
    }
    workers.listen(from);
  }
}
