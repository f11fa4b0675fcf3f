import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { ProbeContext } from 'exporter-kit';

/**
 * Sends a GET request. The target comes from a client, so connect only to what `resolve` returns. Follows no redirects.
 *
 * @throws Error if there is no response, the target is denied, or `signal` aborts.
 */
export async function httpGet(url: URL, { resolve, signal }: Pick<ProbeContext, 'resolve' | 'signal'>) {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const { lookup } = await resolve(url);
  const sent = request(url, { agent: false, signal, lookup, headers: { accept: 'application/json' } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: response };
}
