import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { nodeProgram, type Program } from '../measure/programs.ts';
import { Tally } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

const run = promisify(execFile);

/**
 * Instructions to collect and encode a series, as valgrind counts them over `scrapes` scrapes once the code has settled,
 * which takes `before` of them: less the same of a listener that answers fixed bytes. There is no network in it; Node runs
 * one thread and does the same each time, so that no other load on the machine matters.
 */
export function instructions(before: number, scrapes: number): Measure {
  return async (entrants, { n }) => {
    const tally = new Tally();
    const aScrape = (program: Program): Promise<number> => count(program, n, before, scrapes);
    const none = await aScrape(nodeProgram('instructions-none'));
    for (const { name, program } of entrants) {
      tally.add(name, { instructions: ((await aScrape(program)) - none) / n });
    }
    return tally.measured();
  };
}

async function count({ command, args }: Program, n: number, before: number, scrapes: number): Promise<number> {
  const { stderr } = await run('valgrind', [
    '--tool=callgrind',
    // The program says when counting begins and ends.
    '--instr-atstart=no',
    '--callgrind-out-file=/dev/null',
    command,
    '--single-threaded',
    '--predictable',
    ...args,
    String(n),
    String(before),
    String(scrapes),
  ]);
  const collected = /Collected : (\d+)/.exec(stderr)?.[1];
  if (collected === undefined) throw new Error(`valgrind does not say what it counted: ${stderr}`);
  return Number(collected) / scrapes;
}
