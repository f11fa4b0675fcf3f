import { z } from 'exporter-kit/config';

/** A recorded reply, so that it runs before anything is set up. */
export const sample = new URL('../sample/acme-widget.json', import.meta.url).href;

/** The settings. Each key is a flag and an environment variable; its description is shown by --help. */
export const config = z.object({
  source: z
    .url({ protocol: /^(https?|file)$/ })
    .optional()
    .describe('URL of the JSON reply (http, https or file); without it, a sample is read.'),
});
