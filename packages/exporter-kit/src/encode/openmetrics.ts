import { familyName } from '../metric/family-name.ts';
import type { Metric } from '../metric/metric.ts';
import type { Encoding } from './encoding.ts';

/**
 * OpenMetrics 1.0: families are named without `_total` and `_info`, units have a line, help escapes quotes too, and the
 * end is marked. A counter that does not end in `_total` can't be one here, so it is `unknown`, as in client_golang.
 * Source: the OpenMetrics 1.0 specification, "Text format".
 */
export const openMetrics: Encoding = {
  head: (metric: Metric): string => {
    const name = familyName(metric);
    const lost = (metric.kind === 'counter' || metric.kind === 'info') && name === metric.name;
    const type = lost ? 'unknown' : metric.kind;
    const unit = metric.unit === '' ? '' : `# UNIT ${name} ${metric.unit}\n`;
    const help = metric.help.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
    return `# TYPE ${name} ${type}\n${unit}# HELP ${name} ${help}\n`;
  },
  foot: '# EOF\n',
  noNegatives: true,
};
