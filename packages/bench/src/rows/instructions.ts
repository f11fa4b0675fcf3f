import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { nodeProgram, type Program } from '../measure/programs.ts';
import { Tally } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

const run = promisify(execFile);

/**
 * Instructions per series to collect and encode, counted by valgrind over `scrapes` scrapes after `before` scrapes of
 * warm-up; minus those of a listener that answers fixed bytes. There is no network, and Node runs
 * one thread and does the same each time, so other load on the machine does not matter.
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
    // The program marks when counting begins and ends.
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
  if (collected === undefined) throw new Error(`no instruction count from valgrind: ${stderr}`);
  return Number(collected) / scrapes;
}
