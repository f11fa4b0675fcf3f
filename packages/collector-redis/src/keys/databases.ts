import type { RedisClient } from '../client/client.ts';
import type { Info } from '../parse/info.ts';
import { numberOf, textMapOf } from '../parse/reply.ts';

/** Where CONFIG can't tell. */
const USUAL_DATABASES = 16;

/** How many databases the server has, with keys or without. */
export async function databasesOf(
  { fields, section }: Info,
  client: RedisClient,
  signal: AbortSignal,
): Promise<number> {
  if (fields.get('cluster_enabled') === '1') return 1;
  if (section('sentinel').length > 0) return USUAL_DATABASES;
  try {
    const settings = textMapOf(
      await client.command(['CONFIG', 'GET', 'databases'], { signal, everyScrape: true }),
      'CONFIG GET',
    );
    return numberOf(settings.get('databases'), 'CONFIG GET databases');
  } catch {
    // Denied, or not known to this server.
    signal.throwIfAborted();
    return USUAL_DATABASES;
  }
}
