import { fileURLToPath } from 'node:url';
import { z } from 'exporter-kit/config';

/** A program that says something, so that it runs before anything is set up. */
export const sample: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../sample/acme-widget.js', import.meta.url)),
];

/** The settings. Each key is a flag and an environment variable; its description is shown by --help. */
export const config = z.object({
  command: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      'Program to run, and its arguments, each in a flag of its own; no shell is involved. Without it, a sample.',
    ),
});
