const units = [
  ['y', 31_536_000_000],
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

const pattern = new RegExp(`^(?=.)${units.map(([unit]) => `(?:(\\d+)${unit})?`).join('')}$`);

/**
 * Parses a duration in Prometheus' notation (`15s`, `1m30s`, `500ms`, `0`), to milliseconds.
 * Source: prometheus.io/docs/prometheus/latest/configuration, `<duration>`.
 *
 * @throws Error if `text` is not a duration.
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  const parts = pattern.exec(text);
  if (parts === null) throw new Error(`${JSON.stringify(text)} is not a duration; write 15s, 1m30s or 500ms.`);
  return units.reduce((sum, [, ms], i) => sum + Number(parts[i + 1] ?? 0) * ms, 0);
}

const goUnits: { readonly [unit: string]: number } = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Parses a duration in Go's notation (`1.5s`, `1h30m`, `-5s`, `0`), to milliseconds. Source: pkg.go.dev/time#ParseDuration.
 *
 * @throws Error if `text` is not a duration.
 */
export function parseGoDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
  const bare = text.replace(/^[-+]/, '');
  if (bare !== '0' && (bare === '' || parts.map(([part]) => part).join('') !== bare)) {
    throw new Error(`${JSON.stringify(text)} is not a duration; write 15s, 1m30s or 1.5s.`);
  }
  const sum = parts.reduce((all, [, count, unit]) => all + Number(count) * goUnits[unit!]!, 0);
  return text.startsWith('-') ? -sum : sum;
}

/** Writes milliseconds in Prometheus' notation: `90_000` is `1m30s`. Rounds to a millisecond. */
export function writeDuration(ms: number): string {
  let left = Math.round(ms);
  let text = '';
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

/** Maximum delay of a Node timer, 24 days; a longer one fires at once. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;
