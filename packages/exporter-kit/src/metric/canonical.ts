/**
 * A number as the value of `le` or `quantile`, the same in every format, so that a series keeps its labels whichever is
 * negotiated: the shortest digits that round-trip, with an exponent where Go writes one, otherwise with a decimal point.
 * Source: OpenMetrics 1.0, "Canonical Numbers".
 *
 * @example
 * canonical(1e6) // '1e+06'
 */
export function canonical(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 6) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const infinite = /^([+-]?)inf(?:inity)?$/i;

/** Parses a number in the syntax of both formats; `undefined` for anything else, such as hexadecimal or `1_000`. */
export function toNumber(token: string): number | undefined {
  if (decimal.test(token)) {
    const value = Number(token);
    return Number.isFinite(value) ? value : undefined;
  }
  const sign = infinite.exec(token)?.[1];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  return token.toLowerCase() === 'nan' ? Number.NaN : undefined;
}
