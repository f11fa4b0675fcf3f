import { setTimeout } from 'node:timers/promises';

/** Reports tasks that take longer than a second. */
export type Progress = <T>(what: string, task: () => Promise<T>) => Promise<T>;

/** Progress as lines on a stream: one after a second, and one at the end of such tasks. */
export function progressOn(stream: NodeJS.WritableStream, afterMs = 1000): Progress {
  return async (what, task) => {
    const done = new AbortController();
    const started = performance.now();
    let told = false;
    const teller = setTimeout(afterMs, undefined, { signal: done.signal, ref: false }).then(
      () => {
        told = true;
        stream.write(`${what} …\n`);
      },
      () => {},
    );
    try {
      return await task();
    } finally {
      done.abort();
      await teller;
      if (told) stream.write(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    }
  };
}
