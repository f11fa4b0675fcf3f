import { openSync, readSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
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

// Stalls are watched by a timer: it must fire before and after the work it watches.
const TICKS_MS = 10;

/**
 * Watches for stalls of the event loop, in CPU time of the main thread: while it is ready to run and the machine runs something
 * else, that is no work of its own. Includes what else was done within about a millisecond.
 */
function stallWatch(): { start(): void; stop(): number } {
  const scheduled = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  const text = Buffer.alloc(100);
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  let longest = 0;

  function cpuMs(): number {
    // Makes the kernel account for the time slice that has not ended.
    process.cpuUsage();
    return Number.parseInt(text.toString('latin1', 0, readSync(scheduled, text, 0, text.length, 0)), 10) / 1e6;
  }
  function tick(): void {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return {
    start() {
      timer ??= setInterval(tick, 1);
      last = cpuMs();
      longest = 0;
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
      return longest;
    },
  };
}

/** Prints its URL, then executes commands until stdin ends. The Go and Python contenders do the same. */
export function obey(url: string, { turn, reads, push }: Duties): void {
  const stalls = stallWatch();
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
      stalls.start();
      await sleep(TICKS_MS);
      stalls.start();
    },
    /** CPU time of the longest block of the event loop since `watch`, in milliseconds. */
    async stall() {
      await sleep(TICKS_MS);
      return stalls.stop();
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
