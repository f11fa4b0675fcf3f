import { z } from 'exporter-kit/config';

// A reply that lacks something is refused as a whole: no number is better than a wrong one.
const schema = z.object({
  items: z.object({ ready: z.number(), busy: z.number(), failed: z.number() }),
  /** Since the source started; never falls but at a restart. */
  handled: z.number(),
  oldestSeconds: z.number(),
});

/** What the source answers. */
export type Reply = z.infer<typeof schema>;

/**
 * Asks the source.
 *
 * @throws Error when it can't be reached, answers with an error or with something else, or `signal` aborts.
 */
export async function fetchReply(source: string, signal: AbortSignal): Promise<Reply> {
  const response = await fetch(source, { signal });
  if (!response.ok) throw new Error(`${source} answered ${response.status} ${response.statusText}`);
  return schema.parse(await response.json());
}
