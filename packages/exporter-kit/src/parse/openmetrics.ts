import type { Family, Sample } from '../collect/families.ts';
import { isBucketed, type Kind } from '../metric/metric.ts';
import { type FamilyReader, familyReader, type Rules } from './families.ts';
import {
  fail,
  finish,
  type Labels,
  type Line,
  peek,
  quote,
  readAnyName,
  readLabels,
  readSeries,
  readToken,
  readValue,
  splitLines,
  take,
  undoEscapes,
} from './line.ts';

const rules: Rules = {
  endings: {
    counter: ['_total', '_created'],
    gauge: [''],
    histogram: ['_bucket', '_sum', '_count', '_created'],
    gaugehistogram: ['_bucket', '_gsum', '_gcount'],
    summary: ['', '_sum', '_count', '_created'],
    unknown: [''],
    info: ['_info'],
    stateset: [''],
  },
  pointwise: true,
  lenient: false,
  checkFacts: (facts) =>
    facts.get('unit') && (facts.get('kind') === 'info' || facts.get('kind') === 'stateset')
      ? 'an info or stateset must not have a unit'
      : undefined,
  check: valueProblem,
  checkEnd(kind, { sum, count, lowest }) {
    if (!isBucketed(kind)) return undefined;
    const isGauge = kind === 'gaugehistogram';
    if ((sum === undefined) !== (count === undefined))
      return `a histogram must have both ${isGauge ? '_gsum and _gcount' : '_sum and _count'}, or neither`;
    if (isGauge)
      return lowest < 0 || !(sum! < 0)
        ? undefined
        : 'a gauge histogram without negative buckets must not have a negative _gsum';
    return lowest < 0 && sum !== undefined ? 'a histogram with negative buckets must not have a _sum' : undefined;
  },
};

const kinds: ReadonlySet<string> = new Set(Object.keys(rules.endings));

/**
 * Parses an exposition in OpenMetrics 1.0, with quoted names, strictly. An exemplar without a timestamp has that of its sample, or
 * of now.
 * Source: prometheus.io/docs/specs/om/open_metrics_spec.
 *
 * @example
 * parseOpenMetrics('# TYPE reads counter\nreads_total 1\n# EOF\n')[0]?.name // 'reads'
 * @throws Error with the line number and the problem.
 */
export function parseOpenMetrics(text: string): Family[] {
  const families = familyReader(rules, (line) => fail(line, 'duplicate series'));
  let last: Line = { number: 1, text: '', ended: true, at: 0 };
  let ended = false;
  for (const line of splitLines(text)) {
    if (ended) fail(line, 'unexpected text after "# EOF"');
    last = line;
    ended = line.text === '# EOF';
    if (ended) continue;
    if (!line.ended) fail(line, 'the last line is not "# EOF"');
    if (peek(line) === '#') readMetadata(line, families);
    else families.sample(line, readSample(line));
  }
  return ended ? families.end() : fail(last, 'the text does not end with "# EOF"');
}

function readMetadata(line: Line, families: FamilyReader): void {
  take(line, '# ');
  const word = readToken(line);
  if (word !== 'TYPE' && word !== 'HELP' && word !== 'UNIT') {
    fail(line, 'a line that starts with "#" must be TYPE, HELP, UNIT or "# EOF"; OpenMetrics has no comments');
  }
  take(line, ' ');
  const name = readAnyName(line);
  take(line, ' ');
  const rest = line.text.slice(line.at);
  if (word === 'HELP') {
    if (/(?<!\\)(?:\\\\)*"/.test(rest)) fail(line, 'a quote in a HELP must be written \\"');
    families.describe(line, name, 'help', undoEscapes(line, rest, 'all'));
  } else if (word === 'UNIT') {
    if (rest !== '' && !name.endsWith(`_${rest}`)) fail(line, `the name must end in its unit, ${quote(`_${rest}`)}`);
    families.describe(line, name, 'unit', rest);
  } else {
    if (!kinds.has(rest)) fail(line, `the type must be one of ${[...kinds].join(', ')}`);
    families.describe(line, name, 'kind', rest);
  }
}

function readSample(line: Line): Sample {
  const { name, labels } = readSeries(line, false);
  take(line, ' ');
  const value = readValue(line);
  const time = readTime(line);
  const exemplar = line.text.startsWith(' #', line.at) ? readExemplar(line, name) : undefined;
  finish(line);
  const sample = { name, labels, value, ...(time === undefined ? {} : { timestampMs: time * 1000 }) };
  if (exemplar === undefined) return sample;
  const { at = time ?? Date.now() / 1000, ...rest } = exemplar;
  return { ...sample, exemplar: { ...rest, timestampMs: at * 1000 } };
}

/** Reads a timestamp in seconds, if there is one. */
function readTime(line: Line): number | undefined {
  if (peek(line) !== ' ' || line.text.startsWith(' #', line.at)) return undefined;
  take(line, ' ');
  const seconds = readValue(line);
  return Number.isFinite(seconds) ? seconds : fail(line, 'a timestamp must be a finite number of seconds');
}

/** Reads an exemplar; `at` is its time in seconds. */
function readExemplar(line: Line, name: string): { labels: Labels; value: number; at: number | undefined } {
  if (!name.endsWith('_total') && !name.endsWith('_bucket'))
    fail(line, 'only counters and histogram buckets may have exemplars');
  take(line, ' # ');
  if (peek(line) !== '{') fail(line, 'an exemplar must start with its labels, or with {}');
  const labels = readLabels(line, false);
  let length = 0;
  for (const label in labels) length += [...label, ...labels[label]!].length;
  if (length > 128) fail(line, 'the labels of an exemplar have more than 128 characters');
  take(line, ' ');
  const value = readValue(line);
  return { labels, value, at: readTime(line) };
}

function valueProblem(kind: Kind, ending: string, value: number): string | undefined {
  const counts = ending === '_total' || ending === '_bucket' || ending === '_count' || ending === '_gcount';
  if ((counts || ending === '_sum') && !(value >= 0)) return `a ${kind}'s ${ending} must not be negative or NaN`;
  if (counts && kind !== 'counter' && !Number.isInteger(value)) return `a ${kind}'s ${ending} must be a whole number`;
  if (ending === '_gsum' && Number.isNaN(value)) return "a gauge histogram's _gsum must not be NaN";
  if (kind === 'info' && value !== 1) return 'the value of an info must be 1';
  if (kind === 'stateset' && value !== 0 && value !== 1) return 'the value of a state must be 0 or 1';
  if (kind === 'summary' && ending === '' && value < 0) return 'the value of a quantile must not be negative';
  return undefined;
}
