import { Cancelled } from '../ask/prompts.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a task that goes back when the process is told to end; told twice, it ends at once. */
export async function interruptible<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Cancelled());
  for (const name of signals) process.once(name, stop);
  try {
    return await task(controller.signal);
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}
