import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A site to probe, without a slash at the end of its URL. */
export interface Site {
  readonly url: string;
  stop(): void;
}

/** Answers every request with this text. */
export async function startSite(text: string): Promise<Site> {
  const server = createServer((_, response) => response.end(text)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
