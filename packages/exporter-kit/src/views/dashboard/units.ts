import { familyName } from '../../metric/family.ts';
import type { Metric } from '../../metric/metric.ts';

// Grafana's ids.
const units = new Map([
  ['seconds', 's'],
  ['milliseconds', 'ms'],
  ['microseconds', 'µs'],
  ['usec', 'µs'],
  ['bytes', 'bytes'],
  ['ratio', 'percentunit'],
  ['percent', 'percent'],
  ['celsius', 'celsius'],
  ['kelvin', 'kelvin'],
  ['volts', 'volt'],
  ['amperes', 'amp'],
  ['watts', 'watt'],
  ['joules', 'joule'],
  ['hertz', 'hertz'],
  ['meters', 'lengthm'],
  ['grams', 'massg'],
]);

const rates = new Map([
  ['bytes', 'binBps'],
  // Seconds per second: the share of time, or how many at once.
  ['seconds', 'percentunit'],
  ['joules', 'watt'],
  ['requests', 'reqps'],
]);

/** The last word of the name where no unit is declared: many follow others' names. */
const unitWord = (metric: Metric): string => metric.unit || familyName(metric).split(/[_.]/).at(-1)!;

/** Grafana's unit of a metric's values. */
export const unitOf = (metric: Metric): string => units.get(unitWord(metric)) ?? 'short';

/** Grafana's unit of a metric's increase per second. */
export const rateUnitOf = (metric: Metric): string => rates.get(unitWord(metric)) ?? 'ops';
