import { fileURLToPath } from 'node:url';
import { z } from 'exporter-kit/config';

/** A file as it may be, so that it runs before anything is set up. */
export const sample = fileURLToPath(new URL('../sample/acme-widget.txt', import.meta.url));

/** The settings. Each key is a flag and an environment variable; its description is shown by --help. */
export const config = z.object({
  file: z.string().min(1).optional().describe('File to read at each scrape; without it, a sample is read.'),
});
