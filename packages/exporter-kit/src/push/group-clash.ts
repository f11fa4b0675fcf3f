import { messageOf } from '../collect/runner.ts';
import { escapeLabel } from '../metric/escape.ts';
import { checkLabelName } from '../metric/labels.ts';
import { labelNames } from '../metric/own-label.ts';
import { refusal } from './refusal.ts';
import type { Delivery, Group } from './sink.ts';

/**
 * Refuses a group that is none.
 *
 * @throws a refusal naming the label.
 */
export function checkGroup({ job, grouping }: Group): void {
  if (typeof job !== 'string' || job === '') throw refusal('the job has no name; give it one.');
  for (const [label, value] of Object.entries(grouping)) {
    try {
      checkLabelName(label, 'grouping');
    } catch (cause) {
      throw refusal(messageOf(cause), { cause });
    }
    if (label === 'job') throw refusal('grouping: "job" is the job\'s own name; leave it out.');
    if (typeof value !== 'string') throw refusal(`grouping: the value of "${label}" must be a string.`);
  }
}

/**
 * Refuses series that have a label of their group's: it would be written over in silence, and two series could become one.
 *
 * @throws a refusal naming the label and the family.
 */
export function checkClashes({ grouping, snapshot }: Delivery): void {
  for (const { metric, columns } of snapshot.families) {
    for (const { faces } of columns) {
      for (const label of labelNames(metric, faces.constLabels)) {
        const written = escapeLabel(label, 'underscores');
        if (written !== 'job' && !Object.hasOwn(grouping, written)) continue;
        const who = written === 'job' ? "the job's name" : 'the grouping';
        throw refusal(`label "${label}" of ${metric.name} is also set by ${who}; rename one.`);
      }
    }
  }
}
