import { encode } from '../../encode/encode.ts';
import { givePage } from '../../encode/page.ts';
import { text } from '../../encode/text.ts';
import type { Delivery } from '../sink.ts';

type Label = readonly [name: string, value: string];

/** One series: its labels by name, `__name__` among them, and its value. */
export interface Series {
  readonly labels: readonly Label[];
  readonly value: number;
}

/**
 * The series of a delivery, with job and grouping as labels. They are those of the text format, line by line: histograms
 * and summaries are classic series, infos and statesets are gauges, names are escaped. No series may have a label of the
 * group's.
 */
export function* seriesOf({ job, grouping, snapshot }: Delivery): Generator<Series, void, void> {
  const group = Object.entries({ job, ...grouping });
  for (const page of encode(snapshot, text)) {
    const lines = page.bytes.toString('utf8', 0, page.used).split('\n');
    givePage(page);
    for (const line of lines) {
      if (line === '' || line.startsWith('#')) continue;
      const { name, labels, value } = readLine(line);
      labels.push(['__name__', name], ...group);
      // An empty value is the same as no label, and the specification wants none. Names are ASCII here.
      yield { labels: labels.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1)), value };
    }
  }
}

/** Reads a line as the kit's encoder writes it, and nobody else: nothing needs to be checked. */
function readLine(line: string): { name: string; labels: Label[]; value: number } {
  const last = line.lastIndexOf(' ');
  const value = numberOf(line.slice(last + 1));
  const brace = line.indexOf('{');
  if (brace < 0) return { name: line.slice(0, last), labels: [], value };
  const labels: Label[] = [];
  for (let at = brace + 1; at < last - 1; ) {
    const from = line.indexOf('="', at) + 2;
    const end = closingQuote(line, from);
    labels.push([line.slice(at, from - 2), unescaped(line.slice(from, end))]);
    at = end + 2;
  }
  return { name: line.slice(0, brace), labels, value };
}

function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); ; at = line.indexOf('"', at + 1)) {
    let slashes = 0;
    while (line[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at;
  }
}

function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char)) : text;
}

/** Of all NaNs, this gives the plain one; another would say that the series has ended. */
function numberOf(text: string): number {
  return text.endsWith('Inf') ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
}
