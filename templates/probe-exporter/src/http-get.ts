import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { ProbeContext } from 'exporter-kit';

const MOST_BYTES = 16 << 20;

/**
 * Sends a GET request. The target comes from a client, so connect only to what `resolve` returns. Follows no redirects.
 *
 * @throws Error if there is no response, the target is denied, or `signal` aborts; `json` for more than 16 MiB.
 */
export async function httpGet(url: URL, { resolve, signal }: Pick<ProbeContext, 'resolve' | 'signal'>) {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const { lookup } = await resolve(url);
  const sent = request(url, { agent: false, signal, lookup, headers: { accept: 'application/json' } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, json: async (): Promise<unknown> => JSON.parse(await textOf(response)) };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`the response has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
