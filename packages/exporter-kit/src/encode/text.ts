import type { Kind, Metric } from '../metric/metric.ts';
import type { Encoding } from './encoding.ts';

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

/** The Prometheus text format 0.0.4. Source: prometheus.io/docs/instrumenting/exposition_formats. */
export const text: Encoding = {
  head: ({ name, kind, help }: Metric): string => {
    const escaped = help.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return `# HELP ${name} ${escaped}\n# TYPE ${name} ${types[kind]}\n`;
  },
  foot: '',
  noNegatives: false,
};
