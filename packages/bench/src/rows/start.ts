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
      const startMs = await firstAnswer(program);
      // The first round loads the files from disk.
      if (round >= 0) tally.add(name, { startMs });
    }
  }
  return tally.measured();
};

async function firstAnswer({ command, args }: Program): Promise<number> {
  const one: Scraper = scraper();
  const from = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  try {
    const [url] = await Promise.race([once(child.stdout, 'data'), exited]);
    await one.scrape(String(url).trim());
    return performance.now() - from;
  } finally {
    one.close();
    child.kill('SIGKILL');
    await exited;
  }
}
