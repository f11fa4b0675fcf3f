import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** One line of a file; `value` is `undefined` when it is not JSON. */
export interface FileRecord {
  readonly line: number;
  readonly value: unknown;
}

/**
 * Reads a file of one JSON record a line. Empty lines are skipped.
 *
 * @throws Error when the file can't be read, or `signal` aborts.
 */
export async function* readRecords(path: string, signal: AbortSignal): AsyncGenerator<FileRecord> {
  const file = await open(path);
  const input = file.createReadStream({ encoding: 'utf8' });
  let line = 0;
  // The signal ends it where the file says nothing more either, which `file.readLines()` would wait for.
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
