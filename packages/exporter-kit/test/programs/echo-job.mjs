import { gauge, job, runJob } from 'exporter-kit';
import { size, words } from './echo-source.mjs';

await runJob(
  job({
    name: 'report',
    metrics: { done: gauge({ name: 'report_done', help: 'Whether it is done.' }) },
    collectors: [size, words],
    run: ({ done }) => done.set(1),
  }),
);
