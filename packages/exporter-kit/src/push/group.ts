import { familiesOf } from '../collect/scrape/snapshot.ts';
import { messageOf } from '../errors/thrown.ts';
import { escapeLabel } from '../metric/escape.ts';
import { checkLabelName, labelNames } from '../metric/labels.ts';
import type { Job } from './job.ts';
import { permanentFailure } from './permanent-failure.ts';
import type { Delivery, Group, Grouping } from './sink.ts';

/**
 * Checks a delivery before anything of it is sent: the group is valid, and no series has a label of the group's.
 *
 * @param sink the sink's name, with which the error begins.
 * @throws permanentFailure naming the label, and the family where one has it.
 */
export function checkDelivery(delivery: Delivery, sink: string): void {
  try {
    checkGroup(delivery);
    checkClashes(delivery);
  } catch (cause) {
    throw permanentFailure(`${sink}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Rejects an invalid group.
 *
 * @throws permanentFailure naming the label.
 */
export function checkGroup({ job, grouping }: Group): void {
  if (typeof job !== 'string' || job === '') throw permanentFailure('the job has no name; give it one.');
  for (const [label, value] of Object.entries(grouping)) {
    try {
      checkLabelName(label, 'grouping');
    } catch (cause) {
      throw permanentFailure(messageOf(cause), { cause });
    }
    if (label === 'job') throw permanentFailure('grouping: "job" is the job\'s own name; leave it out.');
    if (typeof value !== 'string') throw permanentFailure(`grouping: the value of "${label}" must be a string.`);
  }
}

/**
 * Rejects, before anything runs, a grouping that is invalid, or would overwrite labels of the job's own metrics: a
 * Pushgateway sets the grouping's labels on every series.
 *
 * @throws TypeError naming the label.
 */
export function checkGrouping(job: Job, grouping: Grouping): void {
  try {
    checkGroup({ job: job.name, grouping });
  } catch (cause) {
    throw new TypeError(`job ${job.name}, ${messageOf(cause)}`, { cause });
  }
  const taken = ['job', ...Object.keys(grouping)];
  for (const metric of [job, ...job.collectors].flatMap(({ metrics }) => Object.values(metrics))) {
    const labels = writtenLabels(metric, () => metric.labels.map(({ name }) => name));
    const clash = labels.get(taken.find((name) => labels.has(name)) ?? '');
    if (clash === undefined) continue;
    throw new TypeError(`job ${job.name}: label "${clash}" of ${metric.name} is also set by the grouping; rename one.`);
  }
}

/**
 * Rejects series with a label of their group: it would be overwritten silently, and two series could become one.
 *
 * @throws permanentFailure naming the label and the family.
 */
export function checkClashes({ grouping, snapshot }: Delivery): void {
  const taken = ['job', ...Object.keys(grouping)];
  for (const { metric, columns } of familiesOf(snapshot)) {
    for (const { escapedLines } of columns) {
      const labels = writtenLabels(escapedLines, () => labelNames(metric, escapedLines.constLabels));
      const written = taken.find((name) => labels.has(name));
      if (written === undefined) continue;
      const who = written === 'job' ? "the job's name" : 'the grouping';
      throw permanentFailure(`label "${labels.get(written)}" of ${metric.name} is also set by ${who}; rename one.`);
    }
  }
}

// The same series are delivered each time.
const known = new WeakMap<object, ReadonlyMap<string, string>>();

/** Labels by their names as sinks write them; cached for `of`, whose labels must not change. */
export function writtenLabels(of: object, labels: () => readonly string[]): ReadonlyMap<string, string> {
  let written = known.get(of);
  if (written === undefined) {
    written = new Map(labels().map((label) => [escapeLabel(label, 'underscores'), label]));
    known.set(of, written);
  }
  return written;
}
