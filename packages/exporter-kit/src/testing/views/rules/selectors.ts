import { nearest } from '../../../yaml/nearest.ts';
import type { Problem, Rule } from '../asked.ts';
import { knownOf, partsOf } from '../flow.ts';
import type { Known, KnownSeries } from '../known.ts';
import { isVariable, type Selector } from '../promql.ts';

/** Metrics, labels and values that are not declared. */
export const declaredOnly: Rule = function* (_asked, expr, known) {
  for (const [part] of partsOf(expr)) {
    if (part.is !== 'selector') continue;
    const series = knownOf(part, known);
    if (series === undefined) yield* unknownMetric(part, known);
    else yield* unknownLabels(part, series);
  }
};

function* unknownMetric({ name, from }: Selector, known: Known): Generator<Problem> {
  if (name === undefined || isVariable(name)) return;
  const names = [...known.series.keys()];
  const similar = nearest(name, names) ?? names.find((one) => one === `${name}_total` || one === `${name}_bucket`);
  if (!known.isOwn(name)) return;
  const instead = similar === undefined ? 'declare it, or remove this' : `did you mean ${similar}?`;
  yield { rule: 'metric', from, message: `${name} is not declared; ${instead}` };
}

function* unknownLabels({ name, matchers }: Selector, { labels, metric }: KnownSeries): Generator<Problem> {
  for (const { label, op, value, from } of matchers) {
    if (isVariable(label)) continue;
    if (!labels.has(label)) {
      yield { rule: 'label', from, message: `${name} has no label ${label}; ${insteadOf(label, labels)}` };
      continue;
    }
    const values =
      metric.labels.find((one) => one.name === label)?.values ?? (label === name ? metric.states : undefined);
    if (values === undefined || op !== '=' || value === '' || value.includes('$') || values.includes(value)) continue;
    const similar = nearest(value, values);
    const listed = similar === undefined ? `its values are ${values.join(', ')}` : `did you mean ${similar}?`;
    yield { rule: 'value', from, message: `the label ${label} of ${name} is never "${value}"; ${listed}` };
  }
}

/** What to do about a label that is not among these. */
export function insteadOf(label: string, labels: ReadonlySet<string>): string {
  const similar = nearest(label, labels);
  if (similar !== undefined) return `did you mean ${similar}?`;
  return `it has ${[...labels].join(', ')}; if Prometheus adds it, name it in targetLabels`;
}

/** Metrics that many programs have. */
const everybodys = /^(up|scrape_\w+|process_\w+|nodejs_\w+)$/;

/** Dashboards choose by job and instance, and alerts do not fire for other programs. */
export const matching: Rule = function* (asked, expr, known) {
  for (const [part] of partsOf(expr)) {
    if (part.is !== 'selector' || part.name === undefined) continue;
    const has = (label: string): boolean => part.matchers.some((matcher) => matcher.label === label);
    const { name, from } = part;
    if (asked.use === 'panel') {
      if (knownOf(part, known) === undefined && !everybodys.test(name)) continue;
      const missing = ['job', 'instance'].filter((label) => !has(label));
      if (missing.length === 0) continue;
      const matchers = missing.map((label) => `${label}=~"$${label}"`).join(', ');
      yield { rule: 'matchers', from, message: `${name} is drawn of every ${missing.join(' and ')}; add ${matchers}` };
    } else if (everybodys.test(name) && !has('job')) {
      yield { rule: 'matchers', from, message: `${name} is written by every program; add job="…"` };
    }
  }
};
