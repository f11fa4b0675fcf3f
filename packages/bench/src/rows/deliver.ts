import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expected } from '../measure/expected.ts';
import { difference } from '../measure/exposition.ts';
import { restedCpuMs } from '../measure/proc.ts';
import { interleave, meanVisit, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

const PUSHES_A_VISIT = 5;
// V8 optimizes what a job runs in its first twenty runs.
const WARM_UPS = 5;

/** A receiver of results. */
interface Place {
  readonly to: string;
  check(count: number, turn: number): Promise<void>;
  /** Bytes received since this was last called, as they are and decompressed; absent for a folder. */
  taken?(): { readonly sent: number; readonly plain: number };
  close(): Promise<unknown>;
}

/** Runs a whole job repeatedly, delivering its result to a folder or an engine; CPU of the job's process. */
export function deliveries(place: () => Promise<Place>): Measure {
  return async (entrants, { n, rounds }) => {
    const { to, check, taken, close } = await place();
    try {
      return await withContenders(entrants, ['mixed', String(n), 'told', to], (contenders) =>
        interleave(contenders, { warmups: WARM_UPS, rounds }, async ({ name, pid, ask }, round) => {
          const visits = [];
          taken?.();
          for (let i = 0; i < PUSHES_A_VISIT; i++) {
            await ask(`turn ${round * PUSHES_A_VISIT + i}`);
            const before = restedCpuMs(pid);
            await ask('push');
            const cpuMs = restedCpuMs(pid) - before;
            visits.push({ cpuMs, nsPerSeries: (cpuMs * 1e6) / n });
          }
          if (name === 'kit') await check(n, (round + 1) * PUSHES_A_VISIT - 1);
          const bytes = taken?.();
          const mean = meanVisit(visits);
          if (bytes === undefined) return mean;
          const each = PUSHES_A_VISIT * n;
          return { ...mean, bytesPerSeries: bytes.plain / each, sentPerSeries: bytes.sent / each };
        }),
      );
    } finally {
      await close();
    }
  };
}

/** A folder for a textfile collector. */
export async function folder(): Promise<Place> {
  const to = await mkdtemp(join(tmpdir(), 'bench-'));
  return {
    to,
    async check(count, turn) {
      const text = await readFile(join(to, 'kit.prom'), 'utf8');
      const found = difference(expected('mixed', count, turn), text.replaceAll('{job="kit",', '{'));
      if (found !== undefined) throw new Error(`wrong content of the file: ${found}`);
    },
    close: () => rm(to, { recursive: true }),
  };
}

/** An engine that accepts everything, by remote write 2.0 too, and a Pushgateway's requests. */
export async function engine(): Promise<Place> {
  let sent = 0;
  let plain = 0;
  // By 2.0 it must say how many samples it has written; more than were sent will do.
  const headers = { 'x-prometheus-remote-write-samples-written': String(2 ** 31) };
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    sent += body.length;
    plain += request.headers['content-encoding'] === 'snappy' ? lengthIn(body) : body.length;
    response.writeHead(200, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    to: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/write`,
    async check(count) {
      // A value alone takes eight bytes.
      if (plain < 8 * count) throw new Error(`${count} series were written as ${plain} bytes`);
    },
    taken() {
      const received = { sent, plain };
      sent = 0;
      plain = 0;
      return received;
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Length of what a snappy block holds, which stands first in it. */
function lengthIn(block: Uint8Array): number {
  let length = 0;
  for (let i = 0; ; i++) {
    const byte = block[i]!;
    length += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return length;
  }
}
