import { constants, open } from 'node:fs/promises';

const MOST_BYTES = 1 << 20;

/**
 * Reads a file of text.
 *
 * @throws Error when it can't be read, is larger than 1 MiB or something that might never end, or `signal` aborts.
 */
export async function readRegularFile(
  path: string,
  signal: AbortSignal,
): Promise<{ text: string; modifiedMs: number }> {
  signal.throwIfAborted();
  // Else opening a pipe that nobody writes to would hold one of Node's four threads for ever.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new Error(`${path} is no regular file`);
    if (about.size > MOST_BYTES)
      throw new Error(`${path} has ${about.size} bytes; ${MOST_BYTES} are the most it may have`);
    return { text: await file.readFile({ encoding: 'utf8', signal }), modifiedMs: about.mtimeMs };
  } finally {
    await file.close();
  }
}
