import { parseDuration } from '../time/duration.ts';
import type { Metric } from './metric.ts';
import type { Alert, Condition, Slo } from './views.ts';

/** Two scrapes at Prometheus' default interval: one that fails must not fire. */
const SHORTEST_FOR_MS = 120_000;
const severities = ['critical', 'warning', 'info'];

/**
 * @param owner names the metric in messages: `gauge queue_depth`.
 * @throws TypeError if the alert can't fire as it is meant to; the message says what to change.
 */
export function checkAlert(owner: string, metric: Metric, alert: Alert): void {
  const refuse: Refuse = (problem) => {
    throw new TypeError(`${owner}: alert ${problem}`);
  };
  const { name, severity = 'warning', summary, for: held = '5m', only = {}, by } = alert;
  const { labels } = metric;
  const listed = labels.map((label) => label.name).join(', ') || 'none';

  if (name !== undefined && !/^[A-Z][A-Za-z0-9]*$/.test(name))
    refuse(`${quote(name)} is not CamelCase; call it such as "QueueTooLong".`);
  if (!severities.includes(severity)) refuse(`severity ${quote(severity)} is not one of ${severities.join(', ')}.`);
  if (!isSentence(summary)) {
    refuse(
      `summary ${quote(summary)} is not a sentence; begin with a capital, end with a full stop, leave values out.`,
    );
  }
  const heldMs = durationIn(held);
  if (heldMs === undefined) refuse(`for ${quote(held)} is not a duration; write 10m or 1h30m.`);
  else if (heldMs < SHORTEST_FOR_MS) refuse(`for ${quote(held)} is too short; write 2m or more, for two scrapes.`);

  for (const [label, value] of Object.entries(only)) {
    const known = labels.find((one) => one.name === label);
    if (known === undefined) refuse(`only: there is no label ${quote(label)}; the labels are ${listed}.`);
    else if (known.values?.includes(value) === false)
      refuse(`only: ${label} is never ${quote(value)}; its values are ${known.values.join(', ')}.`);
  }
  for (const label of by ?? []) {
    if (!labels.some((one) => one.name === label))
      refuse(`by: there is no label ${quote(label)}; the labels are ${listed}.`);
  }
  checkCondition(refuse, metric, alert);
}

type Refuse = (problem: string) => never;

function checkCondition(refuse: Refuse, metric: Metric, { when, by }: Alert): void {
  const { kind } = metric;
  if (kind === 'info') refuse('on an info never changes, as its value is always 1; declare it on a gauge or stateset.');
  if ((kind === 'stateset') !== (when?.is === 'state')) {
    refuse(kind === 'stateset' ? "needs the states: when: inState('down')." : `inState() needs a stateset.`);
  }
  if (by !== undefined && when?.is !== 'above' && when?.is !== 'below')
    refuse(`by: the ${when?.is === 'state' ? 'state' : 'age'} of a sum has no meaning; remove it.`);
  switch (when?.is) {
    case 'above':
    case 'below':
      checkThreshold(refuse, metric, when, by);
      return;
    case 'older':
    case 'expires': {
      if (kind !== 'gauge')
        refuse(`on the age of a ${kind} has no meaning; declare it on a gauge that is a Unix time.`);
      if (!(durationIn(when.within)! > 0)) refuse(`when ${quote(when.within)} is not a duration; write 26h or 7d.`);
      return;
    }
    case 'state': {
      const odd = when.states.find((state) => !metric.states.includes(state));
      if (odd !== undefined)
        refuse(`inState(): ${quote(odd)} is no state; the states are ${metric.states.join(', ')}.`);
      if (when.states.length === 0) refuse(`inState() names no state; the states are ${metric.states.join(', ')}.`);
      return;
    }
    default:
      refuse('does not say when it fires; write when: above(0.9).');
  }
}

type Threshold = Extract<Condition, { is: 'above' | 'below' }>;

function checkThreshold(refuse: Refuse, metric: Metric, { is, value, of }: Threshold, by: Alert['by']): void {
  const { kind } = metric;
  if (typeof value !== 'number' || !Number.isFinite(value))
    refuse(`${is}(${typeof value === 'string' ? quote(value) : value}) is not a finite number; give the threshold.`);
  if (kind === 'counter' && (is === 'above' ? value < 0 : value <= 0))
    refuse(`${is}(${value}) is ${is === 'above' ? 'always' : 'never'} true: a counter's rate is not negative.`);
  if (of === undefined) return;
  if (kind !== 'counter' && kind !== 'gauge' && kind !== 'unknown')
    refuse(`on a share needs a gauge or counter; a ${kind} is neither.`);
  if (typeof of?.name !== 'string') refuse('of: this is not a metric; name one that was declared.');
  // A gauge divided by a rate has a meaning: load by the CPU time that passes in a second, which is the number of CPUs.
  if (!(kind === 'counter' ? ['counter'] : ['counter', 'gauge', 'unknown']).includes(of.kind))
    refuse(
      `of: a ${kind} is no share of the ${of.kind} ${of.name}; name a ${kind === 'counter' ? kind : 'gauge or counter'}.`,
    );
  const extra = of.labels.find(({ name }) => !metric.labels.some((label) => label.name === name));
  if (by === undefined && extra !== undefined)
    refuse(`of: ${of.name} has a label ${quote(extra.name)} that this metric has not; sum it up with by: [].`);
}

/** @throws TypeError as {@link checkAlert} does. */
export function checkSlo(owner: string, { kind, buckets, native }: Metric, { under, objective }: Slo): void {
  const refuse: Refuse = (problem) => {
    throw new TypeError(`${owner}: slo ${problem}`);
  };
  if (kind !== 'histogram') refuse('needs a histogram; remove it, or declare a histogram.');
  if (typeof under !== 'number' || !Number.isFinite(under)) refuse(`under ${quote(under)} is not a finite number.`);
  if (!(objective > 0 && objective < 100))
    refuse(`objective ${quote(objective)} is not between 0 and 100; give a percentage such as 99.9.`);
  if (buckets.length === 0 && native === false)
    refuse(`under ${under} can't be told without buckets; give buckets, or native histograms.`);
  if (buckets.length > 0 && !buckets.includes(under))
    refuse(`under ${under} is not one of the buckets (${buckets.join(', ')}); add it, or choose one.`);
}

function durationIn(text: unknown): number | undefined {
  try {
    return parseDuration(text as string);
  } catch {
    return undefined;
  }
}

const isSentence = (text: unknown): boolean =>
  typeof text === 'string' && /^[\p{Lu}\p{N}][^\n]*[.!?]$/u.test(text) && !/\{\{|\$/.test(text);

const quote = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
