import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a contender can be told. Each is a line on its stdin, answered by a line on its stdout. */
export interface Duties {
  /** Goes on to the numbers of scrape `n`. */
  turn(n: number): void;
  /** How often the source was read so far. */
  reads(): number;
  /** Pushes what it has. */
  push?(): Promise<void>;
}

// The monitor is a timer: it has to fire before what it watches, and after it.
const TICKS_MS = 10;

/** Says where it listens or pushes, then does what it is told until stdin ends. The Go and Python contenders do the same. */
export function obey(url: string, { turn, reads, push }: Duties): void {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const answers: { readonly [command: string]: (argument: number) => unknown } = {
    turn,
    reads,
    async push() {
      await push?.();
    },
    /** Leaves nothing in memory but what is needed; Node must have been started with `--expose-gc`. */
    async settle() {
      // Pages go back to the system in the background, and some only at a later collection.
      for (let i = 0; i < 5; i++) {
        globalThis.gc?.();
        await sleep(100);
      }
    },
    async watch() {
      delay.enable();
      await sleep(TICKS_MS);
      delay.reset();
    },
    /** The longest the event loop was kept busy at a stretch since `watch`, in milliseconds. */
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

/** Serves with node:http alone, for contenders that bring no server. */
export function listen(listener: RequestListener, duties: Duties): void {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1', () =>
    obey(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, duties),
  );
}
