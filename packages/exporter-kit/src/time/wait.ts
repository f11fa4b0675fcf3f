import { underWay } from './under-way.ts';

/** Work that heeds the signal itself has the first word: it knows more of what went wrong. */
const FIRST_WORD_MS = 50;

/**
 * Does something that a signal ends, whether it heeds the signal or not.
 *
 * @throws what `work` throws; the signal's reason when it aborts first.
 */
export async function inTime<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  firstWordMs: number = FIRST_WORD_MS,
): Promise<T> {
  signal.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      timer = setTimeout(() => reject(signal.reason), firstWordMs);
    };
  });
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([underWay(work()), stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
  }
}
