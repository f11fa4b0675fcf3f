import type { Family, Sample } from '../collect/families.ts';
import { toNumber } from '../metric/canonical.ts';
import type { Kind } from '../metric/metric.ts';
import { type FamilyReader, familyReader, type Rules } from './families.ts';
import {
  fail,
  finish,
  type Line,
  peek,
  quote,
  readAnyName,
  readSeries,
  readToken,
  readValue,
  skipBlanks,
  splitLines,
  take,
  undoEscapes,
} from './line.ts';

const strict: Rules = {
  endings: {
    counter: [''],
    gauge: [''],
    histogram: ['_bucket', '_sum', '_count'],
    // Text has none, but rules are for every kind.
    gaugehistogram: [],
    summary: ['', '_sum', '_count'],
    unknown: [''],
    info: [''],
    stateset: [''],
  },
  pointwise: false,
  lenient: false,
  checkFacts: () => undefined,
  check: () => undefined,
  checkEnd: (kind, { sum, count }) =>
    kind === 'histogram' && (sum === undefined || count === undefined)
      ? `the histogram has no ${sum === undefined ? '_sum' : '_count'}`
      : undefined,
};

const lenient: Rules = {
  ...strict,
  endings: { ...strict.endings, histogram: ['', ...strict.endings.histogram] },
  lenient: true,
  check: (kind, ending, _, own) => {
    const number = (kind === 'histogram' && ending === '_bucket') || (kind === 'summary' && ending === '');
    return number && own !== undefined && toNumber(own) === undefined ? `${quote(own)} is not a number` : undefined;
  },
  checkEnd: () => undefined,
};

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]);

/**
 * Parses an exposition in the text format 0.0.4 or 1.0.0 (with quoted names). Strict by default: it must obey all rules for
 * writers, so that tests find what a lenient reader would forgive. `lenient` accepts what Prometheus accepts: scattered
 * families, and histograms and summaries whose lines are missing or in another order.
 * Source: prometheus.io/docs/instrumenting/exposition_formats.
 *
 * @example
 * parseText('# TYPE up gauge\nup 1\n')[0]?.samples[0]?.value // 1
 * @throws Error with the line number and the problem.
 */
export function parseText(text: string, { lenient = false }: { readonly lenient?: boolean } = {}): Family[] {
  return readText(text, { lenient });
}

/** Options of {@link readText}. */
export interface TextReading {
  readonly lenient?: boolean;
  /** Called with each sample and its line. */
  sample?(line: Line, sample: Sample): void;
  /** Called for a duplicate series, which is then skipped; default: throw an error. */
  duplicate?(line: Line, sample: Sample): void;
}

/** Like {@link parseText}, with callbacks. */
export function readText(text: string, reading: TextReading): Family[] {
  const { duplicate = (line: Line) => fail(line, 'duplicate series') } = reading;
  const families = familyReader(reading.lenient ? lenient : strict, duplicate);
  for (const line of splitLines(text)) {
    if (!line.ended) fail(line, 'the last line does not end with a line feed');
    skipBlanks(line);
    if (peek(line) === '#') readComment(line, families, reading.lenient === true);
    else if (peek(line) !== '') {
      const sample = readSample(line);
      families.sample(line, sample);
      reading.sample?.(line, sample);
    }
  }
  return families.end();
}

function readComment(line: Line, families: FamilyReader, anyCase: boolean): void {
  take(line, '#');
  skipBlanks(line);
  const word = readToken(line);
  if (word !== 'HELP' && word !== 'TYPE') return;
  skipBlanks(line);
  const name = readAnyName(line);
  if (!/^[ \t]?$/.test(peek(line))) fail(line, `the name after ${word} is not a valid metric name`);
  skipBlanks(line);
  const rest = line.text.slice(line.at);
  if (word === 'HELP') {
    families.describe(line, name, 'help', undoEscapes(line, rest, 'known'));
    return;
  }
  const kind = kinds.get(anyCase ? rest.toLowerCase() : rest);
  families.describe(line, name, 'kind', kind ?? fail(line, `the type must be one of ${[...kinds.keys()].join(', ')}`));
}

function readSample(line: Line): Sample {
  const { name, labels } = readSeries(line, true);
  skipBlanks(line);
  const value = readValue(line);
  if (peek(line) === '') return { name, labels, value };
  skipBlanks(line);
  // The format's description allows trailing blanks; Pushgateway and promtool do not.
  if (peek(line) === '') fail(line, 'the line ends with a space or tab');
  const time = readToken(line);
  if (!/^[+-]?\d+$/.test(time)) fail(line, `${quote(time)} is not a timestamp in whole milliseconds`);
  finish(line);
  return { name, labels, value, timestampMs: Number(time) };
}
