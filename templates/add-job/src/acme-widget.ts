import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gauge, type Job, job } from 'exporter-kit';
import { z } from 'exporter-kit/config';

/** Some lines, so that it runs before anything is set up. */
const sample = fileURLToPath(new URL('../sample/acme-widget.jsonl', import.meta.url));

/** Goes through a file and counts its lines. */
export const acmeWidgetJob: Job = job({
  name: 'acme_widget',
  metrics: {
    lines: gauge({ name: 'acme_widget_lines', help: 'Lines of the source that Acme Widget went through.' }),
  },
  // Each key is a flag and an environment variable.
  config: z.object({
    source: z.string().default(sample).describe('File to go through; without it, a sample is read.'),
  }),
  async run({ lines }, { config: { source }, signal }) {
    signal.throwIfAborted();
    const text = await readFile(source, { encoding: 'utf8', signal });
    lines.set(text.split('\n').filter((line) => line.trim() !== '').length);
  },
});
