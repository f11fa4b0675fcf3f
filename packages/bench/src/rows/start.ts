import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Scraper, scraper } from '../measure/http.ts';
import type { Program } from '../measure/programs.ts';
import { Tally } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

/** Time from the start of the process to its first response. */
export const startUp: Measure = async (entrants, { rounds }) => {
  const tally = new Tally();
  for (let round = -1; round < rounds; round++) {
    for (const { name, program } of entrants) {
      const startMs = await firstAnswer(name, program);
      // The first round loads the files from disk.
      if (round >= 0) tally.add(name, { startMs });
    }
  }
  return tally.measured();
};

/** An exporter's own port may be taken. */
const flagsOf: { readonly [name: string]: readonly string[] } = { kit: ['--web.listen-address=127.0.0.1:0'] };

async function firstAnswer(name: string, { command, args }: Program): Promise<number> {
  const one: Scraper = scraper();
  const from = performance.now();
  const child = spawn(command, [...args, ...(flagsOf[name] ?? [])], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  try {
    // Exporters log their address, other contenders print it.
    const said = Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), exited]);
    const [address] = /http:[\w./:]+/.exec(String(await said)) ?? [];
    if (address === undefined) throw new Error(`${child.spawnargs.join(' ')} did not say where it listens`);
    await one.scrape(new URL('/metrics', address).href);
    return performance.now() - from;
  } finally {
    one.close();
    child.kill('SIGKILL');
    await exited;
  }
}
