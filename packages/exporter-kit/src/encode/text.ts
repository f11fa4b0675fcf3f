import { writtenName } from '../collect/store/quoted.ts';
import { escapeName } from '../metric/escape.ts';
import type { Kind, Metric } from '../metric/metric.ts';
import { type Encoding, type Encodings, encodings } from './encoding.ts';

/** Text 0.0.4 knows no infos and statesets: both are gauges there. */
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
 * The Prometheus text format, 0.0.4 and 1.0.0: the younger only knows quoted names, which the elder takes too from those
 * who allow them. Source: prometheus.io/docs/instrumenting/exposition_formats.
 */
export const texts: Encodings = encodings((escaping) => ({
  escaping,
  families: (families) => families,
  head: ({ name, kind, lines, help }: Metric): string => {
    const written = writtenName(escapeName(name, escaping));
    const escaped = help.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return `# HELP ${written} ${escaped}\n# TYPE ${written} ${types[lines ?? kind]}\n`;
  },
  foot: '',
  noNegatives: false,
}));

/** The text format 0.0.4 as every scraper takes it. */
export const text: Encoding = texts.underscores;
