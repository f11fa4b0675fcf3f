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
      ? `this histogram has no ${sum === undefined ? '_sum' : '_count'}`
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
 * Reads an exposition in the text format 0.0.4 or 1.0.0 (with names in quotes), strictly: what the format's description
 * asks of a writer must hold, so that a lenient reader's mercy hides nothing. With `lenient`, it takes what Prometheus' own
 * parser takes: families in several places, histograms and summaries that lack lines or have them in another order.
 * Source: prometheus.io/docs/instrumenting/exposition_formats.
 *
 * @example
 * parseText('# TYPE up gauge\nup 1\n')[0]?.samples[0]?.value // 1
 * @throws Error naming the line and what is wrong with it.
 */
export function parseText(text: string, { lenient = false }: { readonly lenient?: boolean } = {}): Family[] {
  return readText(text, { lenient });
}

/** What a reader of text may leave to others. */
export interface TextReading {
  readonly lenient?: boolean;
  /** Told of each sample, with its line. */
  sample?(line: Line, sample: Sample): void;
  /** Told of a series that comes twice, which is left out then; default: an error. */
  duplicate?(line: Line, sample: Sample): void;
}

/** As {@link parseText}. */
export function readText(text: string, reading: TextReading): Family[] {
  const { duplicate = (line: Line) => fail(line, 'this series comes twice') } = reading;
  const families = familyReader(reading.lenient ? lenient : strict, duplicate);
  for (const line of splitLines(text)) {
    if (!line.ended) fail(line, 'the last line does not end in a line feed');
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
  if (!/^[ \t]?$/.test(peek(line))) fail(line, `the name after ${word} is not a metric's`);
  skipBlanks(line);
  const rest = line.text.slice(line.at);
  if (word === 'HELP') {
    families.describe(line, name, 'help', undoEscapes(line, rest, 'known'));
    return;
  }
  const kind = kinds.get(anyCase ? rest.toLowerCase() : rest);
  families.describe(line, name, 'kind', kind ?? fail(line, `a type is one of ${[...kinds.keys()].join(', ')}`));
}

function readSample(line: Line): Sample {
  const { name, labels } = readSeries(line, true);
  skipBlanks(line);
  const value = readValue(line);
  if (peek(line) === '') return { name, labels, value };
  skipBlanks(line);
  // The format's description lets lines end in blanks; Pushgateway and promtool do not.
  if (peek(line) === '') fail(line, 'the line ends in a blank');
  const time = readToken(line);
  if (!/^[+-]?\d+$/.test(time)) fail(line, `${quote(time)} is not a time; it takes whole milliseconds`);
  finish(line);
  return { name, labels, value, timestampMs: Number(time) };
}
