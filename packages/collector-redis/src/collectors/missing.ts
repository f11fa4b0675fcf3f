import { unsupported } from 'exporter-kit';
import type { Reply } from '../client/client.ts';
import type { Info } from '../parse/info.ts';

/** The oldest versions that know a command. */
export interface Since {
  readonly redis?: number;
  /** Only Valkey knows it, since this version. */
  readonly valkey?: number;
}

/**
 * Ends a collector as unsupported, where the server can't know its command: sentinels, older versions, Redis if it is
 * Valkey's. Asked all the same, the server would count an error at each scrape.
 */
export function needs(info: Info, { redis = 0, valkey }: Since = {}): void {
  if (info.section('sentinel').length > 0) unsupported('the server is a sentinel');
  const [own, other] = [versionOf(info, 'redis'), versionOf(info, 'valkey')];
  if (own < redis) unsupported(`Redis ${redis} is needed, and this is ${own}`);
  if (valkey !== undefined && other < valkey) unsupported(`Valkey ${valkey} is needed`);
}

/** Major and minor version, `7.2`; 0 if the server does not say. Valkey also says which Redis it is like. */
export function versionOf({ fields }: Info, make: 'redis' | 'valkey'): number {
  return Number(/^\d+(\.\d+)?/.exec(fields.get(`${make}_version`) ?? '')?.[0] ?? 0);
}

/** Ends a collector as unsupported, where the server does not know the command: one of another make, or a renamed one. */
export async function orUnsupported(reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof Error && /^ERR unknown (sub)?command/i.test(error.message)) unsupported(error.message);
    throw error;
  }
}
