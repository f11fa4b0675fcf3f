import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Data, makeData } from './data.ts';

/** What a contender's process tells the one that measures. */
export type Message = { readonly url: string } | { readonly cpuMs: number };

/** Runs in a contender's process: answers `usage` with the CPU time used so far, by all threads. */
export function report(url: string): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMs: (user + system) / 1000 } satisfies Message);
  });
  process.once('disconnect', () => process.exit(0));
  process.send?.({ url } satisfies Message);
}

/** The data a contender's process was started for. */
export const data: Data = makeData(Number(process.argv[2]));

/** Serves with node:http alone, for contenders that bring no server. */
export function listen(listener: RequestListener): void {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1', () => report(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`));
}
