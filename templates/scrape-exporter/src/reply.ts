import { readFile } from 'node:fs/promises';
import { z } from 'exporter-kit/config';

// An incomplete reply is rejected as a whole: no value is better than a wrong one.
const schema = z.object({
  items: z.object({ ready: z.number(), busy: z.number(), failed: z.number() }),
  /** Since the source started; resets at a restart. */
  handled: z.number(),
  oldestSeconds: z.number(),
});

/** The source's reply. */
export type Reply = z.infer<typeof schema>;

/**
 * Fetches the reply.
 *
 * @throws Error if the source cannot be reached, its reply is an error or invalid, or `signal` aborts.
 */
export async function fetchReply(source: URL, signal: AbortSignal): Promise<Reply> {
  if (source.protocol === 'file:')
    return schema.parse(JSON.parse(await readFile(source, { encoding: 'utf8', signal })));
  const response = await fetch(source, { signal });
  if (!response.ok) throw new Error(`${source.href} answered ${response.status} ${response.statusText}`);
  return schema.parse(await response.json());
}
