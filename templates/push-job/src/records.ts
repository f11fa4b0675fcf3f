import { open } from 'node:fs/promises';

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
  let line = 0;
  for await (const text of file.readLines({ encoding: 'utf8' })) {
    signal.throwIfAborted();
    line++;
    if (text.trim() !== '') yield { line, value: parsed(text) };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
