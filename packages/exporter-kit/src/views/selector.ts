import { isLegacyName, writtenLabel, writtenName } from '../metric/escape.ts';

/** The series of a metric in PromQL; a name outside the legacy syntax stands in quotes inside the braces. */
export function selector(name: string, ...matchers: readonly string[]): string {
  if (!isLegacyName(name)) return `{${[writtenName(name), ...matchers].join(', ')}}`;
  return matchers.length === 0 ? name : `${name}{${matchers.join(', ')}}`;
}

/** `by (a, b)`. */
export function by(labels: readonly string[]): string {
  return `by (${labels.map(writtenLabel).join(', ')})`;
}

/** A matcher for one value. */
export function is(label: string, value: string): string {
  return `${writtenLabel(label)}=${JSON.stringify(value)}`;
}

/**
 * A matcher for a bucket of this bound, as exporters write it and as Prometheus 3 stores it: `1` is stored as `1.0`, and
 * `0.00001` as `1e-05`.
 */
export function isBound(bound: number): string {
  const plain = String(bound);
  const exponent = bound.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  const isSmall = bound !== 0 && Math.abs(bound) < 1e-4;
  const stored = isSmall || plain.includes('e') ? exponent : Number.isInteger(bound) ? `${plain}.0` : plain;
  const forms = [...new Set([plain, stored])].map((form) => form.replace(/[.+]/g, '[$&]'));
  return `le=~"${forms.join('|')}"`;
}
