import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** One line of a file; `value` is `undefined` if it is not JSON. */
export interface FileRecord {
  readonly line: number;
  readonly value: unknown;
}

/**
 * Reads a file with one JSON record per line. Empty lines are skipped.
 *
 * @throws Error if the file cannot be read, or `signal` aborts.
 */
export async function* readRecords(path: string, signal: AbortSignal): AsyncGenerator<FileRecord> {
  const file = await open(path);
  const input = file.createReadStream({ encoding: 'utf8' });
  let line = 0;
  // The signal also ends a read that waits for data, unlike with `file.readLines()`.
  for await (const text of createInterface({ input, signal, crlfDelay: Infinity })) {
    signal.throwIfAborted();
    line++;
    if (text.trim() !== '') yield { line, value: parsed(text) };
  }
  signal.throwIfAborted();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
