import { fileURLToPath } from 'node:url';
import { z } from 'exporter-kit/config';

/** A sample program, so that it runs without any setup. */
export const sample: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../sample/acme-widget.js', import.meta.url)),
];

/** The settings. Each key is a flag and an environment variable; --help shows its description. */
export const config = z.object({
  command: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Program to run; repeat the flag for each argument. No shell is used. Default: a sample.'),
});
