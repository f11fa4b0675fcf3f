import type { FoundMetric } from './found-metrics.ts';

const units =
  /(^|_)\w*(minutes?|hours?|days|weeks|kelvins|fahrenheit|rankine|inches|yards|miles|bits|calories|pounds|ounces)(_|$)/;
const prefixed =
  /(^|_)(pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mebi|mibi|giga|gibi|tera|tebi|peta|pebi)/;
const short = /(^|_)(s|ms|us|ns|sec|b|kb|mb|gb|tb|pb|m|h|d)(_|$)/;
const ends = /_(bucket|count|sum|created|total_total)$/;

type Named = Pick<FoundMetric, 'kind' | 'name' | 'help' | 'labels'>;

/**
 * Whether exporter-kit would refuse a name by its naming rules, unless they are waived. It may say so of a name that is fine,
 * but never the other way round: the waiver costs nothing.
 */
export function needsWaiver({ kind, name, help, labels }: Named): boolean {
  const lower = name.toLowerCase();
  return (
    help.trim() === '' ||
    [name, ...labels].some((each) => !/^[a-z][a-z0-9_]*$/.test(each)) ||
    (kind === 'counter') !== name.endsWith('_total') ||
    labels.some((label) => label === 'le' || label === 'quantile') ||
    [units, prefixed, short, ends].some((rule) => rule.test(lower)) ||
    new RegExp(`_${kind}(_|$)`).test(lower)
  );
}
