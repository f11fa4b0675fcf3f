/** A key for a series, independent of the order of its labels. */
export function seriesKey(name: string, labels: { readonly [label: string]: string }): string {
  const parts = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${name}{${parts.sort().join()}}`;
}

/**
 * How a text exposition differs from the expected lines; `undefined` if it does not. Only the bench's own series are
 * compared, and no escapes are parsed, as their labels have none.
 */
export function difference(expected: ReadonlyMap<string, number>, body: string): string | undefined {
  const found = new Set<string>();
  for (let at = 0, end: number; at < body.length; at = end + 1) {
    end = body.indexOf('\n', at);
    if (end < 0) return 'the last line does not end';
    if (!body.startsWith('bench_family', at)) continue;
    const line = body.slice(at, end);
    const [, name, labels, value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (name === undefined || labels === undefined) return `a line cannot be read: ${line}`;
    // Bounds are numbers: some write le="1", others le="1.0".
    const parts = labels
      .replace(/,$/, '')
      .replace(/\ble="(\d+)\.0"/, 'le="$1"')
      .split(',');
    const key = `${name}{${parts.sort().join()}}`;
    const wanted = expected.get(key);
    if (wanted === undefined) return `nobody expects ${line}`;
    if (Number(value) !== wanted) return `expected ${wanted}: ${line}`;
    if (found.has(key)) return `twice there: ${line}`;
    found.add(key);
  }
  return found.size === expected.size ? undefined : `${expected.size} series are expected, ${found.size} are there`;
}
