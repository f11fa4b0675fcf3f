import type { Rule } from '../asked.ts';
import { knownOf, partsOf } from '../flow.ts';
import type { KnownSeries } from '../known.ts';
import type { Expr } from '../promql.ts';

/** Functions of counters. */
const ofCounters = new Set(['rate', 'irate', 'increase', 'resets']);
/** Functions of gauges. */
const ofGauges = new Set(['deriv', 'delta', 'idelta', 'predict_linear']);
/** Functions and aggregations that ask whether there are series, or how old they are. */
const ofExistence = new Set([
  ...['absent', 'absent_over_time', 'present_over_time', 'count_over_time', 'changes', 'timestamp'],
  ...['count', 'group', 'count_values', 'ts_of_last_over_time'],
]);

/** Counters are drawn as increases, and other values are not. */
export const counters: Rule = function* (_asked, expr, known) {
  for (const [part, within] of partsOf(expr)) {
    if (part.is !== 'selector') continue;
    const series = knownOf(part, known);
    if (series === undefined) continue;
    const call = within.findLast((one) => one.is === 'call' && (ofCounters.has(one.name) || ofGauges.has(one.name)));
    const name = call?.is === 'call' ? call.name : undefined;
    if (series.isRising) {
      if (name !== undefined && ofCounters.has(name)) continue;
      if (name !== undefined) {
        const instead = name === 'deriv' ? 'rate' : 'increase';
        yield { rule: 'counter', from: call!.from, message: `${name} of the counter ${part.name}; use ${instead}` };
      } else if (!isAboutExistence(part, within)) {
        const message = `the counter ${part.name} rises until the process restarts; use rate(${part.name}[…]) or increase`;
        yield { rule: 'counter', from: part.from, message };
      }
    } else if (name !== undefined && ofCounters.has(name)) {
      yield { rule: 'gauge', from: call!.from, message: `${name} of ${part.name}, ${why(series, known.isPushed)}` };
    }
  }
};

function why({ metric, values }: KnownSeries, isPushed: boolean): string {
  if (isPushed) return 'which a job pushed, so that it stays as it is; use the value itself';
  if (values === 'gauge' && metric.kind === 'summary') return "which are a summary's quantiles; use them as they are";
  return `which is a ${metric.kind}; use the value itself, or deriv or delta for its change`;
}

/** Whether only the presence of its series counts. */
function isAboutExistence(part: Expr, within: readonly Expr[]): boolean {
  const isFilter = within.some(
    (one) => one.is === 'binary' && (one.op === 'and' || one.op === 'unless') && one.right === part,
  );
  return (
    isFilter ||
    within.some((one) =>
      one.is === 'call' ? ofExistence.has(one.name) : one.is === 'aggregation' && ofExistence.has(one.op),
    )
  );
}

/** In a dashboard, a rate over a fixed range is empty when zoomed out of the scrape interval, or averages too little or much. */
export const fixedRanges: Rule = function* (asked, expr) {
  if (asked.use !== 'panel') return;
  for (const [part] of partsOf(expr)) {
    if (part.is !== 'call' || !['rate', 'irate', 'increase'].includes(part.name)) continue;
    const [range] = part.args;
    if (range?.is !== 'range') continue;
    const { text, from } = range.range;
    const isInterval = /^\$\{?__interval/.test(text);
    if (text.startsWith('$') && !isInterval) continue;
    // An increase over a day is a figure of its own.
    if (part.name === 'increase' && asked.isInstant && !isInterval) continue;
    const reason = isInterval
      ? 'is shorter than two scrapes when zoomed in'
      : 'does not follow zoom and scrape interval';
    yield { rule: 'range', from, message: `the range ${text} ${reason}; use $__rate_interval` };
  }
};
