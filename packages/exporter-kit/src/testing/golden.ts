import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { difference } from '../views/text-difference.ts';

/**
 * Compares a text with a golden file. With `UPDATE_GOLDEN=1` in the environment, it writes the file instead; review the
 * changes before you commit them.
 *
 * @example
 * golden((await scrape(queues(broker))).text, new URL('./queues.golden.prom', import.meta.url));
 * @throws Error showing the first lines that differ, or if the file does not exist.
 */
export function golden(actual: string, file: URL): void {
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(file, actual);
    return;
  }
  const expected = read(file);
  if (expected === actual) return;
  const path = fileURLToPath(file);
  throw new Error(`${path} differs:\n\n${difference(expected, actual)}\n\nIf the change is intended, ${update}.`);
}

const update = 'run this test with UPDATE_GOLDEN=1';

function read(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`${fileURLToPath(file)} cannot be read; to create it, ${update}.`, { cause });
  }
}
