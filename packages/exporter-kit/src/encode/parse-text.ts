import type { Family, Sample } from '../collect/families.ts';
import type { Kind } from '../metric/metric.ts';
import { type FamilyReader, familyReader, type Rules } from './parse-families.ts';
import {
  fail,
  finish,
  type Line,
  linesOf,
  peek,
  quote,
  readAnyName,
  readSeries,
  readToken,
  readValue,
  skipBlanks,
  take,
  undoEscapes,
} from './parse-line.ts';

const rules: Rules = {
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
  checkFacts: () => undefined,
  check: () => undefined,
  checkEnd: (kind, { sum, count }) =>
    kind === 'histogram' && (sum === undefined || count === undefined)
      ? `this histogram has no ${sum === undefined ? '_sum' : '_count'}`
      : undefined,
};

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['counter', 'counter'],
  ['gauge', 'gauge'],
  ['histogram', 'histogram'],
  ['summary', 'summary'],
  ['untyped', 'unknown'],
]);

/**
 * Reads an exposition in the text format 0.0.4 or 1.0.0 (with names in quotes), strictly: what the format's description asks of a writer must hold, so
 * that a lenient reader's mercy hides nothing. Source: prometheus.io/docs/instrumenting/exposition_formats.
 *
 * @example
 * parseText('# TYPE up gauge\nup 1\n')[0]?.samples[0]?.value // 1
 * @throws Error naming the line and what is wrong with it.
 */
export function parseText(text: string): Family[] {
  return readText(text, (line) => fail(line, 'this series comes twice'));
}

/** As {@link parseText}, but leaves it to `duplicate` what to make of a series that comes twice. */
export function readText(text: string, duplicate: (line: Line, sample: Sample) => void): Family[] {
  const families = familyReader(rules, duplicate);
  for (const line of linesOf(text)) {
    if (!line.ended) fail(line, 'the last line does not end in a line feed');
    skipBlanks(line);
    if (peek(line) === '#') readComment(line, families);
    else if (peek(line) !== '') families.sample(line, readSample(line));
  }
  return families.end();
}

function readComment(line: Line, families: FamilyReader): void {
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
    families.describe(line, name, 'help', undoEscapes(line, rest, false));
    return;
  }
  const kind = kinds.get(rest);
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
