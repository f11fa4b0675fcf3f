import { z } from 'exporter-kit/config';

/** A recorded reply, so that it runs without any setup. */
export const sample = new URL('../sample/acme-widget.json', import.meta.url).href;

/** The settings. Each key is a flag and an environment variable; --help shows its description. */
export const config = z.object({
  source: z
    .url({ protocol: /^(https?|file)$/ })
    .optional()
    .describe('URL of the JSON reply (http, https or file). Default: a sample.'),
});
