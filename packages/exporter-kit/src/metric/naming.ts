import { isLegacyLabel, isLegacyName } from './escape.ts';
import type { Kind } from './metric.ts';

/**
 * Prometheus' naming rules, as checked by `promtool check metrics`. A declaration that breaks one is rejected unless it
 * waives the rule with a reason: `waive: { units: 'the name node_exporter uses' }`.
 * Source: prometheus.io/docs/practices/naming and client_golang's promlint.
 */
export type NamingRule =
  | 'syntax'
  | 'help'
  | 'total'
  | 'info'
  | 'suffix'
  | 'label'
  | 'units'
  | 'abbreviation'
  | 'type'
  | 'colon'
  | 'case';

/** What the naming rules check. */
export interface NamedMetric {
  readonly kind: Kind;
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** One broken rule, and what to do about it. */
export interface Finding {
  readonly rule: NamingRule;
  readonly message: string;
}

/** The rules that a metric breaks, in a fixed order. */
export function namingFindings(metric: NamedMetric): Finding[] {
  const found: Finding[] = [];
  const { kind, name, labels } = metric;
  const say = (rule: NamingRule, message: string): unknown => found.push({ rule, message });
  const bucketed = kind === 'histogram';

  const legacy = 'of letters, digits and "_", not starting with a digit';
  if (!isLegacyName(name)) say('syntax', `is not a metric name ${legacy}; ${otherName(name)}.`);
  for (const label of labels) {
    if (isLegacyLabel(label)) continue;
    say('syntax', `has a label ${JSON.stringify(label)}, which is not a label name ${legacy}; ${otherName(label)}.`);
  }

  if (metric.help.trim() === '') say('help', 'has no help; say in a sentence what it measures.');

  if (kind === 'counter' && !name.endsWith('_total')) say('total', `is a counter; call it "${name}_total".`);
  if (kind !== 'counter' && kind !== 'unknown' && name.endsWith('_total')) {
    say('total', `is not a counter; drop "_total", or declare a counter.`);
  }
  if (kind === 'info' && !name.endsWith('_info')) say('info', `is an info; call it "${name}_info".`);

  if (!bucketed && name.endsWith('_bucket')) say('suffix', 'ends in "_bucket", which is reserved for histograms.');
  if (!bucketed && kind !== 'summary') {
    for (const end of ['_count', '_sum']) {
      if (name.endsWith(end))
        say('suffix', `ends in "${end}", which is reserved for histograms and summaries; choose another suffix.`);
    }
  }
  if (name.endsWith('_created'))
    say('suffix', 'ends in "_created", which OpenMetrics reserves; try "_creation_timestamp_seconds".');

  if (!bucketed && labels.includes('le')) say('label', 'has a label "le", which belongs to histograms.');
  if (kind !== 'summary' && labels.includes('quantile'))
    say('label', 'has a label "quantile", which belongs to summaries.');

  const unit = foreignUnit(name);
  if (unit !== undefined) say('units', `measures in ${unit.unit}; use the base unit ${unit.base}, in name and value.`);
  const short = abbreviations.find((a) => includesWord(name.toLowerCase(), a));
  if (short !== undefined) say('abbreviation', `abbreviates a unit ("${short}"); write it out.`);

  const type = writtenType(kind);
  if (kind !== 'unknown' && includesWord(name.toLowerCase(), type))
    say('type', `names its type ("${type}"); leave that out.`);
  if (name.includes(':')) say('colon', 'contains ":", which is reserved for recording rules; use "_".');
  if (camel.test(name)) say('case', `is camelCase; call it "${snake(name)}".`);
  for (const label of labels)
    if (camel.test(label)) say('case', `has a camelCase label "${label}"; call it "${snake(label)}".`);
  return found;
}

/** {@link namingFindings}, and one that promtool does not have: the type's suffix, twice. */
export function declarationFindings(metric: NamedMetric): Finding[] {
  const { kind, name } = metric;
  const rule = kind === 'counter' ? 'total' : 'info';
  const twice = new RegExp(`(_${rule}){2,}$`);
  const found = namingFindings(metric);
  if ((kind !== 'counter' && kind !== 'info') || !twice.test(name)) return found;
  const message = `ends in "_${rule}" twice; call it "${name.replace(twice, `_${rule}`)}".`;
  return [...found, { rule, message }];
}

/** Suggests a name, if one can be derived. */
function otherName(name: string): string {
  const plain = name.replace(/[^a-zA-Z0-9_]+/gu, '_').replace(/^(?=[0-9])/, '_');
  return /[a-zA-Z]/.test(plain) ? `call it "${plain}"` : 'choose another';
}

const camel = /[a-z][A-Z]/;
const snake = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
/** The type in the text format, which has no infos and statesets. promlint 3 rejects the metric's own type only. */
const writtenType = (kind: Kind): string => (kind === 'info' || kind === 'stateset' ? 'gauge' : kind);
const abbreviations = ['s', 'ms', 'us', 'ns', 'sec', 'b', 'kb', 'mb', 'gb', 'tb', 'pb', 'm', 'h', 'd'];

function includesWord(name: string, word: string): boolean {
  return name.endsWith(`_${word}`) || name.includes(`_${word}_`);
}

const prefixes = [
  'pico',
  'nano',
  'micro',
  'milli',
  'centi',
  'deci',
  'deca',
  'hecto',
  'kilo',
  'kibi',
  'mega',
  'mebi',
  'mibi',
  'giga',
  'gibi',
  'tera',
  'tebi',
  'peta',
  'pebi',
];
const base = new Map<string, string>([
  ...['amperes', 'bytes', 'celsius', 'grams', 'joules', 'kelvin', 'meters', 'metres', 'moles', 'seconds', 'volts'].map(
    (u): [string, string] => [u, u],
  ),
  ['minutes', 'seconds'],
  ['hours', 'seconds'],
  ['days', 'seconds'],
  ['weeks', 'seconds'],
  ['kelvins', 'kelvin'],
  ['fahrenheit', 'celsius'],
  ['rankine', 'celsius'],
  ['inches', 'meters'],
  ['yards', 'meters'],
  ['miles', 'meters'],
  ['bits', 'bytes'],
  ['calories', 'joules'],
  ['pounds', 'grams'],
  ['ounces', 'grams'],
]);

/** The first unit in the name, if it is not a base unit. */
function foreignUnit(name: string): { unit: string; base: string } | undefined {
  for (const word of name.split('_')) {
    const stem = base.has(word)
      ? word
      : prefixes
          .filter((p) => word.startsWith(p))
          .map((p) => word.slice(p.length))
          .find((w) => base.has(w));
    if (stem === undefined) continue;
    const wanted = base.get(stem)!;
    return wanted === word ? undefined : { unit: word, base: wanted };
  }
  return undefined;
}
