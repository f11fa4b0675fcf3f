/**
 * How names outside the legacy syntax (letters, digits, `_`; in metric names also `:`) are written: in quotes, or escaped to
 * legacy names for scrapers that do not support others. The values of the `escaping` parameter of a content type.
 */
export type Escaping = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

export const escapings: readonly Escaping[] = ['allow-utf-8', 'underscores', 'dots', 'values'];

const legacyName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const legacyLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
// Characters that an escaping may have to replace.
const spelledInName = /^[0-9]|[^a-zA-Z0-9:]/gu;
const spelledInLabel = /^[0-9]|[^a-zA-Z0-9]/gu;

/** Whether every scraper accepts the metric name unescaped. */
export function isLegacyName(name: string): boolean {
  return legacyName.test(name);
}

/** Whether every scraper accepts the label name unescaped. */
export function isLegacyLabel(name: string): boolean {
  return legacyLabel.test(name);
}

/** Whether newer scrapers accept the name in quotes. NUL is valid UTF-8, but Prometheus stops reading there. */
export function isUtf8Name(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && name.isWellFormed() && !name.includes('\0');
}

/**
 * Escapes a metric name. `underscores` and `values` leave legacy names unchanged; `dots` doubles every underscore. Source:
 * prometheus.io/docs/instrumenting/escaping_schemes; where Prometheus' own libraries differ from it, this follows them:
 * `dots` turns other characters into `__`, and `values` uses lower-case digits.
 *
 * @example
 * escapeName('http.requests', 'values') // 'U__http_2e_requests'
 */
export function escapeName(name: string, escaping: Escaping): string {
  return escaped(name, escaping, legacyName, spelledInName);
}

/** Escapes a label name; unlike in a metric name, `:` is escaped too. */
export function escapeLabel(name: string, escaping: Escaping): string {
  return escaped(name, escaping, legacyLabel, spelledInLabel);
}

function escaped(name: string, escaping: Escaping, legacy: RegExp, spelled: RegExp): string {
  switch (escaping) {
    case 'allow-utf-8':
      return name;
    case 'underscores':
      return name.replace(spelled, '_');
    case 'dots':
      return name.replace(spelled, (char) => (char === '.' ? '_dot_' : '__'));
    case 'values':
      if (legacy.test(name)) return name;
      return `U__${name.replace(spelled, (char) => (char === '_' ? '__' : `_${char.codePointAt(0)!.toString(16)}_`))}`;
  }
}

/** Escapes text in quotes: backslash, quote and line feed, in all formats. */
export function escapeQuoted(text: string): string {
  return /["\\\n]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : text;
}

/** A metric name as in TYPE, HELP and UNIT lines: in quotes unless it is a legacy name. */
export function writtenName(name: string): string {
  return isLegacyName(name) ? name : `"${escapeQuoted(name)}"`;
}

/** A label name as in sample lines: in quotes unless it is a legacy name. */
export function writtenLabel(name: string): string {
  return isLegacyLabel(name) ? name : `"${escapeQuoted(name)}"`;
}
