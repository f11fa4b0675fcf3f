const PLACES = 5;
const AROUND = 2;
const LINES = 12;

/** Where two texts differ: the first places, each with a few lines before it. */
export function difference(expected: string, actual: string): string {
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
