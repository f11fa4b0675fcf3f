import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { denied, type Resolve } from 'exporter-kit';

const MOST_BYTES = 16 << 20;

/** A kept connection to a server. */
export interface Client {
  /**
   * Asks for the status.
   *
   * @throws Error if the server cannot be reached, answers with an error, without JSON or with more than 16 MiB, or
   * `signal` aborts.
   */
  status(signal: AbortSignal): Promise<unknown>;
  close(): void;
}

/** Connects at the first request. Follows no redirects. */
export async function connect(url: URL, token: string | undefined, resolve: Resolve): Promise<Client> {
  const { Agent, request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  // The target of a probe comes from the request, so connect only to what `resolve` returns.
  const { lookup } = await resolve(url);
  const agent = new Agent({ keepAlive: true });
  const headers = { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const status = url.pathname === '/' ? new URL('/status', url) : url;
  return {
    async status(signal) {
      const sent = request(status, { agent, lookup, headers, signal }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const { statusCode, statusMessage } = response;
      if (statusCode === 200) return JSON.parse(await textOf(response));
      const problem = `${url.host} answered ${statusCode} ${statusMessage}`;
      // Asked again only after a minute, so that no account is locked.
      if (statusCode === 401 || statusCode === 403) denied(problem);
      throw new Error(problem);
    },
    close: () => agent.destroy(),
  };
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`the reply has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
