import { fileURLToPath } from 'node:url';
import { z } from 'exporter-kit/config';

/** A sample file, so that it runs without any setup. */
export const sample = fileURLToPath(new URL('../sample/acme-widget.txt', import.meta.url));

/** The settings. Each key is a flag and an environment variable; --help shows its description. */
export const config = z.object({
  file: z.string().min(1).optional().describe('File to read at each scrape. Default: a sample.'),
});
