// Writes the same file for ever: many series, all with the number of the writing.
import { executeJob, gauge, job, textfile } from 'exporter-kit';

const many = job({
  name: process.argv[3],
  metrics: { written: gauge({ name: 'written', help: 'x'.repeat(200), labels: ['i'] }) },
  config: { parse: (n) => n },
  run({ written }, { config }) {
    for (let i = 0; i < 300; i++) written.set({ i }, config);
  },
});
const to = [textfile(process.argv[2])];
for (let n = 1; ; n++) {
  await executeJob(many, { to, settings: n });
  if (n === 1) console.log('writing');
}
