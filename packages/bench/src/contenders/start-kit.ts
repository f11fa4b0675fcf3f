import { writeSync } from 'node:fs';
import { collector, exporter, gauge, serve } from 'exporter-kit';

const up = collector({
  name: 'answer',
  metrics: { answer: gauge({ name: 'bench_answer', help: 'Made up.' }) },
  collect({ answer }) {
    answer.set(42);
  },
});
const { url } = await serve(exporter({ name: 'bench_exporter', collectors: [up] }));
writeSync(1, `${url}metrics\n`);
