import type { Job } from '../collect/job.ts';
import { escapeLabel } from '../metric/escape.ts';
import { checkLabelName } from '../metric/labels.ts';
import type { Grouping } from './sink.ts';

/**
 * Refuses, before anything runs, a grouping that would overwrite labels of the job's own metrics: a gateway sets the
 * grouping's labels on every series it is given.
 *
 * @throws TypeError naming the label.
 */
export function checkGrouping(job: Job, grouping: Grouping): void {
  const owner = `job ${job.name}`;
  for (const [name, value] of Object.entries(grouping)) {
    checkLabelName(name, `${owner}, grouping`);
    if (name === 'job') throw new TypeError(`${owner}, grouping: "job" is the job's own name; leave it out.`);
    if (typeof value !== 'string') throw new TypeError(`${owner}, grouping: the value of "${name}" must be a string.`);
  }
  for (const metric of [job, ...job.collectors].flatMap(({ metrics }) => Object.values(metrics))) {
    for (const { name } of metric.labels) {
      // As sinks write it.
      const written = escapeLabel(name, 'underscores');
      if (written === 'job' || Object.hasOwn(grouping, written)) {
        throw new TypeError(`${owner}: label "${name}" of ${metric.name} is also set by the grouping; rename one.`);
      }
    }
  }
}
