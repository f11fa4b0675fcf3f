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

/** @throws Error for an invalid reply, with the path of what is wrong. */
export const parseReply = (reply: unknown): Reply => schema.parse(reply);
