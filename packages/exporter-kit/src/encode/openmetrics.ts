import { writtenName } from '../collect/quoted.ts';
import { escapeName } from '../metric/escape.ts';
import { familyName } from '../metric/family-name.ts';
import type { Metric } from '../metric/metric.ts';
import { type Encoding, type Encodings, encodings } from './encoding.ts';

/**
 * OpenMetrics 1.0: families are named without `_total` and `_info`, units have a line, help escapes quotes too, and the
 * end is marked. A counter that does not end in `_total` can't be one here, so it is `unknown`, as in client_golang.
 * Escaping the name of a counter can part it from its unit (`read__bytes__total`): then the unit has no line.
 * Source: the OpenMetrics 1.0 specification, "Text format".
 */
export const openMetricsTexts: Encodings = encodings((escaping) => ({
  escaping,
  head: (metric: Metric): string => {
    const { kind, unit } = metric;
    const whole = escapeName(metric.name, escaping);
    const name = familyName({ kind, name: whole });
    const lost = (kind === 'counter' || kind === 'info') && name === whole;
    const written = writtenName(name);
    const units = unit === '' || !name.endsWith(`_${unit}`) ? '' : `# UNIT ${written} ${unit}\n`;
    const help = metric.help.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
    return `# TYPE ${written} ${lost ? 'unknown' : kind}\n${units}# HELP ${written} ${help}\n`;
  },
  foot: '# EOF\n',
  noNegatives: true,
}));

/** OpenMetrics as every scraper takes it. */
export const openMetrics: Encoding = openMetricsTexts.underscores;
