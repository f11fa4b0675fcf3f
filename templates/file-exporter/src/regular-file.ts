import { constants, open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

const MOST_BYTES = 1 << 20;

/**
 * Reads a text file.
 *
 * @throws Error if it cannot be read, is not a regular file, is larger than 1 MiB, or `signal` aborts.
 */
export async function readRegularFile(
  path: string,
  signal: AbortSignal,
): Promise<{ text: string; modifiedMs: number }> {
  signal.throwIfAborted();
  // Without O_NONBLOCK, opening a pipe without a writer would block one of Node's four threads for ever.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new Error(`${path} is not a regular file`);
    if (about.size > MOST_BYTES) throw new Error(`${path} has ${about.size} bytes; the maximum is ${MOST_BYTES}`);
    // A file may grow meanwhile, or not know its size, as those of /proc.
    const content = await text(file.createReadStream({ end: MOST_BYTES, autoClose: false, signal }));
    if (Buffer.byteLength(content) > MOST_BYTES) throw new Error(`${path} has more than ${MOST_BYTES} bytes`);
    return { text: content, modifiedMs: about.mtimeMs };
  } finally {
    await file.close();
  }
}
