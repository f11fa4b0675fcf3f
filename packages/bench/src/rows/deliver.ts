import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expected } from '../measure/expected.ts';
import { difference } from '../measure/exposition.ts';
import { restedCpuMs } from '../measure/proc.ts';
import { interleave, meanVisit, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

const PUSHES_A_VISIT = 5;

/** A receiver of results. */
interface Place {
  readonly to: string;
  check(count: number, turn: number): Promise<void>;
  close(): Promise<unknown>;
}

/** Runs a whole job repeatedly, delivering its result to a folder or an engine; CPU of the job's process. */
export function deliveries(place: () => Promise<Place>): Measure {
  return async (entrants, { n, rounds }) => {
    const { to, check, close } = await place();
    try {
      return await withContenders(entrants, ['mixed', String(n), 'told', to], (contenders) =>
        interleave(contenders, { warmups: 2, rounds }, async ({ name, pid, ask }, round) => {
          const visits = [];
          for (let i = 0; i < PUSHES_A_VISIT; i++) {
            await ask(`turn ${round * PUSHES_A_VISIT + i}`);
            const before = restedCpuMs(pid);
            await ask('push');
            const cpuMs = restedCpuMs(pid) - before;
            visits.push({ cpuMs, nsPerSeries: (cpuMs * 1e6) / n });
          }
          if (name === 'kit') await check(n, (round + 1) * PUSHES_A_VISIT - 1);
          return meanVisit(visits);
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

/** An engine that accepts everything. */
export async function engine(): Promise<Place> {
  let bytes = 0;
  const server = createServer((request, response) => {
    request.on('data', (data: Uint8Array) => {
      bytes += data.length;
    });
    request.on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    to: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/write`,
    async check(count) {
      // A value alone takes eight bytes.
      if (bytes < 8 * count) throw new Error(`${count} series were written as ${bytes} bytes`);
      bytes = 0;
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
