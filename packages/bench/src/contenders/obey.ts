import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** Commands to a contender: a line on its stdin, answered by a line on its stdout. */
export interface Duties {
  /** Advances to the values of scrape `n`. */
  turn(n: number): void | Promise<void>;
  /** Number of reads of the source so far. */
  reads(): number;
  /** Pushes the current values. */
  push?(): Promise<void>;
}

// The monitor is a timer: it must fire before and after the work it watches.
const TICKS_MS = 10;

/** Prints its URL, then executes commands until stdin ends. The Go and Python contenders do the same. */
export function obey(url: string, { turn, reads, push }: Duties): void {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const answers: { readonly [command: string]: (argument: number) => unknown } = {
    turn,
    reads,
    async push() {
      await push?.();
    },
    /** Collects garbage; needs Node's `--expose-gc`. */
    async settle() {
      // V8 returns pages in the background, and some only after a later collection.
      for (let i = 0; i < 5; i++) {
        globalThis.gc?.();
        await sleep(100);
      }
    },
    /** Bytes that are in use after `settle`. */
    held() {
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
    async watch() {
      delay.enable();
      await sleep(TICKS_MS);
      delay.reset();
    },
    /** Longest block of the event loop since `watch`, in milliseconds. */
    async stall() {
      await sleep(TICKS_MS);
      delay.disable();
      return delay.max / 1e6;
    },
  };
  process.stdin
    .setEncoding('utf8')
    .on('data', async (line: string) => {
      const [command, argument] = line.trim().split(' ');
      process.stdout.write(`${(await answers[command!]!(Number(argument))) ?? 'done'}\n`);
    })
    .on('end', () => process.exit(0));
  process.stdout.write(`${url}\n`);
}

/** A node:http server, for contenders without their own. */
export function listen(listener: RequestListener, duties: Duties): void {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1', () =>
    obey(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, duties),
  );
}
