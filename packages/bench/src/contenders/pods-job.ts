import { type Counter, counter, executeJob, type Gauge, gauge, type Job, job, type Sink } from 'exporter-kit';
import { makePods, POD_FAMILIES, POD_LABELS, type PodLabels, podValue } from '../data/pods.ts';
import { next, seed } from '../data/values.ts';
import { obey } from './obey.ts';
import { gateway, size } from './told.ts';

type Labelled = [labels: PodLabels, value: number];

const pods = makePods(Math.ceil(size / POD_FAMILIES));
const families = Array.from({ length: POD_FAMILIES }, (_, i) => i);
const help = 'What a container has used of it since it was started, as the kernel counts it.';
const metrics = Object.fromEntries(
  families.map((i) => [
    `of${i}`,
    i % 2 === 0
      ? counter({ name: `container_thing_${i}_total`, help, labels: POD_LABELS })
      : gauge({ name: `container_thing_${i}_bytes`, help, unit: 'bytes', labels: POD_LABELS }),
  ]),
) as unknown as { [key: string]: Counter<Labelled> | Gauge<Labelled> };
let turned = 0;
const rows: Job = job({
  name: 'kubelet',
  metrics,
  run(writers) {
    let state = seed(turned);
    for (const i of families) {
      const writer = writers[`of${i}`] as { set(...args: Labelled): void };
      for (const labels of pods) {
        state = next(state);
        writer.set(labels, podValue(i, state));
      }
    }
  },
});

/** Runs a job over the containers of a cluster at each `push` command, and delivers its result to a sink. */
export function pushPods(sink: Sink): void {
  obey(gateway, {
    turn(n) {
      turned = n;
    },
    reads: () => 0,
    async push() {
      const { delivered } = await executeJob(rows, { to: [sink], grouping: { instance: '10.0.3.17:10250' } });
      if (delivered[0]?.error !== undefined) throw delivered[0].error;
    },
  });
}
