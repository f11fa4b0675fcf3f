import type { Job } from '../collect/job.ts';
import { countDrops } from '../collect/store/drops.ts';
import { Store } from '../collect/store/store.ts';

// Those of runs that are over. A job that runs again in the same process finds the lines of its series made already.
const idle = new WeakMap<Job, Store>();

/** A store for one run of a job, which has it for itself. */
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

/** Gives a store back for the next run, once nobody reads or writes it any more. */
export function giveStore(job: Job, store: Store): void {
  idle.set(job, store);
}
