/** The median; NaN without values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Half of the interval that holds the true median in 95 of 100 cases; NaN without values. */
export function marginOfMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const { length } = sorted;
  const off = 0.98 * Math.sqrt(length);
  const from = Math.max(0, Math.floor(length / 2 - off));
  const to = Math.min(length - 1, Math.ceil(length / 2 + off));
  return ((sorted[to] ?? Number.NaN) - (sorted[from] ?? Number.NaN)) / 2;
}
