import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { exporter, type Probe, type ServeOptions, serve } from '../../src/index.ts';
import { type Got, get } from '../get.ts';

/** Serves probes until the test is over; gives the function that asks for one. */
export async function probing(
  probes: readonly Probe[],
  options: ServeOptions & { readonly modules?: never } = {},
  modules?: { readonly [name: string]: object },
) {
  const made = exporter({ name: 'test_exporter', version: '1.2.3', probes, ...(modules && { modules }) });
  const server = await serve(made, options);
  onTestFinished(() => server.close(0));
  const ask = (
    parameters: string | Record<string, string>,
    headers: { readonly [name: string]: string } = {},
    method?: string,
  ): Promise<Got> => get(`${server.url}probe?${new URLSearchParams(parameters)}`, headers, method);
  return { url: server.url, ask };
}

/** An HTTP server until the test is over, which counts its connections. */
export async function listening(
  listener: RequestListener,
  host = '127.0.0.1',
): Promise<{ readonly port: number; readonly seen: { connections: number }; readonly server: Server }> {
  const seen = { connections: 0 };
  const server = createServer(listener).on('connection', () => void seen.connections++);
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, seen, server };
}
