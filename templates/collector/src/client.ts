import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { denied, type Resolve } from 'exporter-kit';

/** A kept connection to a server. */
export interface Client {
  /**
   * Asks for the status.
   *
   * @throws Error if the server cannot be reached, answers with an error or without JSON, or `signal` aborts.
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
      if (statusCode === 200) return json(response);
      const problem = `${url.host} answered ${statusCode} ${statusMessage}`;
      // Asked again only after a minute, so that no account is locked.
      if (statusCode === 401 || statusCode === 403) denied(problem);
      throw new Error(problem);
    },
    close: () => agent.destroy(),
  };
}
