import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** What a contender can be told. Each is a line on its stdin, answered by a line on its stdout. */
export interface Duties {
  /** Goes on to the numbers of scrape `n`. */
  turn(n: number): void;
  /** How often the source was read so far. */
  reads(): number;
}

/** Says where it listens, then does what it is told until stdin ends. The Go and Python contenders do the same. */
export function obey(url: string, { turn, reads }: Duties): void {
  let delay: IntervalHistogram | undefined;
  const answers: { readonly [command: string]: (argument: number) => number | undefined } = {
    turn(n) {
      turn(n);
      return undefined;
    },
    reads,
    watch() {
      delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      return undefined;
    },
    /** The longest the event loop was kept busy at a stretch since `watch`, in milliseconds. */
    stall() {
      delay?.disable();
      return (delay?.max ?? 0) / 1e6;
    },
  };
  process.stdin
    .setEncoding('utf8')
    .on('data', (line: string) => {
      const [command, argument] = line.trim().split(' ');
      process.stdout.write(`${answers[command!]!(Number(argument)) ?? 'done'}\n`);
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
