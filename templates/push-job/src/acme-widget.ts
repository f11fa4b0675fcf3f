import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gauge, type Job, job } from 'exporter-kit';
import { z } from 'zod';
import { readRecords } from './records.ts';

const sample = fileURLToPath(new URL('../sample/records.jsonl', import.meta.url));

/** Goes through a file of records and counts what it finds. */
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
    source: z
      .string()
      .default(sample)
      .describe('file with one JSON record a line; by default a sample that comes along'),
  }),
  async run({ records, read }, { config, log, signal }) {
    records.add({ verdict: 'valid' }, 0);
    records.add({ verdict: 'malformed' }, 0);
    for await (const { line, value } of readRecords(config.source, signal)) {
      records.add({ verdict: value === undefined ? 'malformed' : 'valid' }, 1);
      if (value === undefined) log.warn({ source: config.source, line }, 'not a record');
    }
    read.set((await stat(config.source)).size);
  },
});
