import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gauge, type Job, job } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { readRecords } from './records.ts';

/** A sample file, so that it runs without any setup. */
const sample = fileURLToPath(new URL('../sample/records.jsonl', import.meta.url));

/** Reads a file of records, and counts them by verdict. */
export const acmeWidgetJob: Job = job({
  name: 'acme_widget',
  metrics: {
    records: gauge({
      name: 'acme_widget_records',
      help: 'Records of the source, by verdict.',
      labels: { verdict: ['valid', 'malformed'] },
    }),
    read: gauge({ name: 'acme_widget_read_bytes', help: 'Size of the source.', unit: 'bytes' }),
  },
  // Each key is a flag and an environment variable.
  config: z.object({
    source: z.string().optional().describe('File with one JSON record per line. Default: a sample.'),
  }),
  async run({ records, read }, { config: { source = sample }, log, signal }) {
    // Both are in the result, if only as 0.
    const [valid, malformed] = [records.with({ verdict: 'valid' }), records.with({ verdict: 'malformed' })];
    for await (const { line, value } of readRecords(source, signal)) {
      if (value !== undefined) valid.inc();
      else {
        malformed.inc();
        log.warn({ source, line }, 'not a record');
      }
    }
    read.set((await stat(source)).size);
  },
});
