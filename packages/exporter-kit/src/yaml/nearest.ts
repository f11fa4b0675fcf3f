/** The known name most similar to a misspelt one, if any is similar enough. */
export function nearest(wanted: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, wanted.length / 4);
  for (const name of known) {
    const far = distance(wanted, name);
    if (far > least || (far === least && best !== undefined)) continue;
    best = name;
    least = far;
  }
  return best;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
