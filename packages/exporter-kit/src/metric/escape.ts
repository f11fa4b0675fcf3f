/**
 * How names outside the legacy syntax (letters, digits, `_`; in metric names also `:`) are written: as they are, in
 * quotes, or escaped to legacy ones for scrapers that know no others. The words are those of the header parameter.
 */
export type Escaping = 'allow-utf-8' | 'underscores' | 'dots' | 'values';

/** All of them. */
export const escapings: readonly Escaping[] = ['allow-utf-8', 'underscores', 'dots', 'values'];

const legacyName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const legacyLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
// What an escaping may have to spell: all but letters, later digits and, in metric names, colons.
const spelledInName = /^[0-9]|[^a-zA-Z0-9:]/gu;
const spelledInLabel = /^[0-9]|[^a-zA-Z0-9]/gu;

/** Whether every scraper takes the name of a metric as it is. */
export function isLegacyName(name: string): boolean {
  return legacyName.test(name);
}

/** Whether every scraper takes the name of a label as it is. */
export function isLegacyLabel(name: string): boolean {
  return legacyLabel.test(name);
}

/** Whether newer scrapers take the name in quotes. NUL is valid UTF-8, but ends Prometheus' reading. */
export function isUtf8Name(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && name.isWellFormed() && !name.includes('\0');
}

/**
 * A metric's name under an escaping. `underscores` and `values` leave legacy names as they are; `dots` doubles the
 * underscores of all. Source: prometheus.io/docs/instrumenting/escaping_schemes; where it differs from what Prometheus'
 * libraries write, this is what they write: `dots` makes other characters `__`, and `values` has lower-case digits.
 *
 * @example
 * escapeName('http.requests', 'values') // 'U__http_2e_requests'
 */
export function escapeName(name: string, escaping: Escaping): string {
  return escaped(name, escaping, legacyName, spelledInName);
}

/** A label's name under an escaping; unlike a metric's it keeps no `:`. */
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
