import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { escapeName, writtenName } from '../metric/escape.ts';
import type { Kind, Metric } from '../metric/metric.ts';
import { encodeToString } from './encode.ts';
import { type Encoding, type Encodings, encodings } from './encoding.ts';
import type { SamplesOptions } from './samples.ts';

/** Text 0.0.4 has no infos and statesets; both become gauges. */
const types: { readonly [K in Kind]: string } = {
  gauge: 'gauge',
  counter: 'counter',
  histogram: 'histogram',
  summary: 'summary',
  info: 'gauge',
  stateset: 'gauge',
  unknown: 'untyped',
};

/**
 * The Prometheus text format, 0.0.4 and 1.0.0. The versions differ only in quoted names, which clients can also allow in
 * 0.0.4. Source: prometheus.io/docs/instrumenting/exposition_formats.
 */
export const texts: Encodings = encodings((escaping) => ({
  escaping,
  families: (families) => families,
  head: ({ name, kind, lines, help }: Metric): string => textHead(escapeName(name, escaping), lines ?? kind, help),
  foot: '',
  noNegatives: false,
}));

/** The HELP and TYPE lines of a family. */
export function textHead(name: string, kind: Kind, help: string): string {
  const written = writtenName(name);
  const escaped = help.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${written} ${escaped}\n# TYPE ${written} ${types[kind]}\n`;
}

/** The text format 0.0.4 with legacy names, which every scraper accepts. */
export const text: Encoding = texts.underscores;

/** A snapshot in the text format 0.0.4; by default with legacy names, which every scraper accepts. */
export function encodeText(snapshot: Snapshot, { escaping = 'underscores' }: SamplesOptions = {}): string {
  return encodeToString(snapshot, texts[escaping]);
}
