import { unsupported } from 'exporter-kit';
import type { Reply } from '../client/client.ts';

/** Ends a collector as unsupported, where the server does not know the command: older ones, others, sentinels. */
export async function orUnsupported(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof Error && /^ERR unknown (sub)?command/i.test(error.message)) unsupported(error.message);
    throw error;
  }
}
