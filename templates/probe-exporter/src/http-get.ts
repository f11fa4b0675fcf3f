import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { ProbeContext } from 'exporter-kit';

/**
 * Asks a URL. Targets come from whoever may ask, so it goes only where `resolve` leads; it follows no redirects.
 *
 * @throws Error when no answer comes, when the operator does not want it reached, or when `signal` aborts.
 */
export async function ask(url: URL, { resolve, signal }: Pick<ProbeContext, 'resolve' | 'signal'>) {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const { lookup } = await resolve(url);
  const asked = request(url, { agent: false, signal, lookup, headers: { accept: 'application/json' } }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, body: answer };
}
