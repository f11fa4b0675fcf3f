import type { Rule } from '../asked.ts';
import { type Measure, measureOf } from '../measure.ts';

/** Grafana's ids of units, by what they are for. */
const families: readonly (readonly [Exclude<Measure, undefined>, RegExp, string])[] = [
  ['seconds', /^(s|ms|µs|us|ns|m|h|d|dt.*|clock.*|timeticks|dateTime.*|time:.*)$/, 's'],
  ['bytes per second', /^(bin)?[Bb]ps$|^[KMGTP]i?(Bs|bits)$/, 'binBps'],
  ['bytes', /(bytes|bits)$/, 'bytes'],
  ['share', /^percent(unit)?$/, 'percentunit'],
  ['events per second', /^(ops|reqps|rps|wps|iops|cps|eps|opm|rpm|wpm|cpm|mps|mpm|recps|rowsps)$/, 'ops'],
];

/** The panel's unit is that of its values. */
export const units: Rule = function* ({ use, unit }, expr, known) {
  if (use !== 'panel' || unit === undefined) return;
  const measure = measureOf(expr, known);
  const drawn = families.find(([, ids]) => ids.test(unit))?.[0];
  if (measure === undefined || drawn === undefined || drawn === measure) return;
  // Seconds per second are a share, and are drawn as seconds too.
  if (measure === 'share' && drawn === 'seconds') return;
  const right = families.find(([family]) => family === measure)?.[2] ?? 'short';
  yield { rule: 'unit', message: `the values are ${measure}, drawn with the unit ${unit}; use ${right}` };
};
