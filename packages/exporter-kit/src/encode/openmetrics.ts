import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { type Escaping, escapeLabel, escapeName, writtenName } from '../metric/escape.ts';
import { familyName } from '../metric/family.ts';
import type { Metric } from '../metric/metric.ts';
import { type Encoding, type Encodings, encodeToString, encodings } from './encode.ts';
import { createdAfterLines, createdLines } from './openmetrics-additions.ts';
import { openMetricsFamilies } from './openmetrics-families.ts';
import type { SamplesOptions } from './samples.ts';

/**
 * OpenMetrics 1.0: families are named without `_total` and `_info`, units have a line, help escapes quotes too, and the
 * end is marked. The unit line is left out if escaping separates the unit from the name (`read__bytes__total`).
 * Source: the OpenMetrics 1.0 specification, "Text format".
 */
export const openMetricsTexts: Encodings = openMetricsOf(false);

/** The same, with a `_created` line for each series that is known to have begun at some time. */
export const openMetricsCreatedTexts: Encodings = openMetricsOf(true);

function openMetricsOf(created: boolean): Encodings {
  return encodings((escaping) => ({
    escaping,
    families: (families) => openMetricsFamilies(families, escaping),
    head: (metric: Metric): string => {
      const { kind, unit } = metric;
      const whole = escapeName(metric.name, escaping);
      const name = familyName({ kind, name: whole });
      const type = typeOf(metric, name === whole, escaping);
      const written = writtenName(name);
      const units = unit === '' || !name.endsWith(`_${unit}`) ? '' : `# UNIT ${written} ${unit}\n`;
      const help = metric.help.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
      return `# TYPE ${written} ${type}\n${units}# HELP ${written} ${help}\n`;
    },
    foot: '# EOF\n',
    noNegatives: true,
    additions(metric, column) {
      const { exemplars, starts } = column;
      const addsCreated = created && starts !== undefined;
      if (exemplars === undefined && !addsCreated) return undefined;
      // Only buckets among them have exemplars.
      if (metric.lines === 'histogram' || metric.lines === 'summary')
        return { exemplars, created: addsCreated ? createdAfterLines(metric, column, escaping) : undefined };
      // It has not begun to count.
      if (metric.lines === 'gaugehistogram') return { exemplars, created: undefined };
      const name = escapeName(metric.name, escaping);
      const type = typeOf(metric, familyName({ kind: metric.kind, name }) === name, escaping);
      if (type !== 'counter' && type !== 'histogram') return undefined;
      return { exemplars, created: addsCreated ? createdLines(metric, column, escaping) : undefined };
    },
  }));
}

/** The TYPE of a family, as far as its name allows it. */
function typeOf({ kind, name, lines }: Metric, whole: boolean, escaping: Escaping): string {
  // A counter or info without its suffix is `unknown`, as in client_golang.
  if (kind === 'counter' || kind === 'info') return whole ? 'unknown' : kind;
  // A stateset's label has the family's name; but once escaped, a label must not contain a colon.
  return kind === 'stateset' && escapeLabel(name, escaping) !== escapeName(name, escaping) ? 'gauge' : (lines ?? kind);
}

/** OpenMetrics with legacy names, which every scraper accepts. */
export const openMetrics: Encoding = openMetricsTexts.underscores;

/** Options of {@link encodeOpenMetrics}. */
export interface OpenMetricsOptions extends SamplesOptions {
  /** Whether series that are known to have begun at some time have a `_created` line; default `false`. */
  readonly created?: boolean;
}

/** A snapshot in OpenMetrics 1.0; by default with legacy names, which every scraper accepts. */
export function encodeOpenMetrics(
  snapshot: Snapshot,
  { escaping = 'underscores', created = false }: OpenMetricsOptions = {},
): string {
  return encodeToString(snapshot, (created ? openMetricsCreatedTexts : openMetricsTexts)[escaping]);
}
