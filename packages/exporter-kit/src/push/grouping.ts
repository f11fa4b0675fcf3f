import type { Job } from '../collect/job.ts';
import { checkLabelName } from '../metric/labels.ts';
import { writtenLabels } from './group-clash.ts';
import type { Grouping } from './sink.ts';

/**
 * Rejects, before anything runs, a grouping that would overwrite labels of the job's own metrics: a Pushgateway sets the
 * grouping's labels on every series.
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
  const taken = ['job', ...Object.keys(grouping)];
  for (const metric of [job, ...job.collectors].flatMap(({ metrics }) => Object.values(metrics))) {
    const labels = writtenLabels(metric, () => metric.labels.map(({ name }) => name));
    const clash = labels.get(taken.find((name) => labels.has(name)) ?? '');
    if (clash === undefined) continue;
    throw new TypeError(`${owner}: label "${clash}" of ${metric.name} is also set by the grouping; rename one.`);
  }
}
