import type { Job } from '../collect/job.ts';
import { countDrops } from '../collect/store/drops.ts';
import { Store } from '../collect/store/store.ts';

// Stores of finished runs. A job that runs again in the same process finds its series encoded already.
const idle = new WeakMap<Job, Store>();

/** A store for the exclusive use of one run. */
export function takeStore(job: Job): Store {
  const kept = idle.get(job);
  idle.delete(job);
  if (kept === undefined) {
    return new Store({ title: `job ${job.name}`, metrics: { ...job.metrics }, overwriting: true }, countDrops(false));
  }
  kept.drops.counts.clear();
  kept.drops.first.clear();
  return kept;
}

/** Returns a store for the next run, once nothing reads or writes it. */
export function giveStore(job: Job, store: Store): void {
  idle.set(job, store);
}
