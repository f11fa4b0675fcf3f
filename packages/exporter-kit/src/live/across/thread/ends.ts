import type { Worker } from 'node:worker_threads';
import type { SharedMemory } from './shared-memory.ts';

// The thread that hears the end of one that it has started; threads that are started inherit it.
const PARENT = 'exporter-kit.thread';

// Loaded when threads are used.
const threads = (): typeof import('node:worker_threads') => process.getBuiltinModule('node:worker_threads');

const memories = new Map<SharedMemory, () => void>();

/** The thread that hears when this one ends; -1 for none. */
export function parentThread(): number {
  const parent = threads().getEnvironmentData(PARENT);
  return typeof parent === 'number' ? parent : -1;
}

export const thisThread = (): number => threads().threadId;

/** Marks the stripes of threads that are started here from now on, when they have ended; then calls `ended`. */
export function hearEnds(memory: SharedMemory, ended: () => void): void {
  if (memories.size === 0) {
    threads().setEnvironmentData(PARENT, thisThread());
    process.on('worker', (worker: Worker) => {
      const thread = worker.threadId;
      worker.once('exit', () => {
        for (const [shared, call] of memories) {
          shared.end(thread);
          call();
        }
      });
    });
  }
  memories.set(memory, ended);
}
