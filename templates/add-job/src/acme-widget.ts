import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gauge, type Job, job } from 'exporter-kit';
import { z } from 'exporter-kit/config';

/** A sample file, so that it runs without any setup. */
const sample = fileURLToPath(new URL('../sample/acme-widget.jsonl', import.meta.url));

/** Counts the lines of a file. */
export const acmeWidgetJob: Job = job({
  name: 'acme_widget',
  metrics: {
    lines: gauge({ name: 'acme_widget_lines', help: 'Lines of the source that Acme Widget has read.' }),
  },
  // Each key is a flag and an environment variable.
  config: z.object({
    source: z.string().default(sample).describe('File to read. Default: a sample.'),
  }),
  async run({ lines }, { config: { source }, signal }) {
    signal.throwIfAborted();
    const text = await readFile(source, { encoding: 'utf8', signal });
    lines.set(text.split('\n').filter((line) => line.trim() !== '').length);
  },
});
