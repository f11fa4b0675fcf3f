import { z } from 'zod';

const sample = new URL('../sample/reply.json', import.meta.url);

/** The settings. Each key is a flag and an environment variable; its description is shown by --help. */
export const config = z.object({
  source: z
    .url({ protocol: /^(https?|file)$/ })
    .default(sample.href)
    .describe('URL of the JSON reply: http, https or file; by default a sample that comes along'),
});

/** Checked settings. */
export type Config = z.infer<typeof config>;
