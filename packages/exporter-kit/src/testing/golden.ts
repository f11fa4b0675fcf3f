import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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

const PLACES = 5;
const AROUND = 2;
const LINES = 12;

/** The first differences, each with a few lines before it. */
function difference(expected: string, actual: string): string {
  const old = expected.split('\n');
  const now = actual.split('\n');
  const shown: string[] = [];
  let [a, b] = [0, 0];
  for (let place = 1; ; place++) {
    while (a < old.length && old[a] === now[b]) {
      a++;
      b++;
    }
    if (a >= old.length && b >= now.length) break;
    if (place > PLACES) {
      shown.push('… and more');
      break;
    }
    const [gone, come] = stretch(old, now, a, b);
    shown.push(
      `line ${a + 1}:`,
      ...old.slice(Math.max(0, a - AROUND), a).map((line) => `  ${line}`),
      ...some(old.slice(a, a + gone), '-'),
      ...some(now.slice(b, b + come), '+'),
    );
    a += gone;
    b += come;
  }
  return shown.join('\n');
}

/** How many lines of each text differ before the next common line. */
function stretch(old: readonly string[], now: readonly string[], a: number, b: number): [number, number] {
  const [left, right] = [old.length - a, now.length - b];
  for (let sum = 1; sum < Math.min(left + right, 400); sum++) {
    for (let i = Math.max(0, sum - right + 1); i <= Math.min(sum, left - 1); i++) {
      if (old[a + i] === now[b + sum - i]) return [i, sum - i];
    }
  }
  return [left, right];
}

function some(lines: readonly string[], sign: string): string[] {
  const shown = lines.slice(0, LINES).map((line) => `${sign} ${line}`);
  return lines.length > LINES ? [...shown, `${sign} … and ${lines.length - LINES} more`] : shown;
}
