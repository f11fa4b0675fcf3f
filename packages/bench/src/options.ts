import { parseArgs } from 'node:util';
import type { Repeats } from './result.ts';
import type { Row } from './rows/row.ts';

/** The command line's options. */
export interface Options extends Repeats {
  readonly rows: readonly Row[];
  /** File for all figures, as JSON. */
  readonly json?: string;
  /** Such a file, whose rows are not measured again; the others are added to it. */
  readonly resume?: string;
  /** Whether all rows run at their standard size, so that the result is worth keeping. */
  readonly whole: boolean;
}

export const usage = `npm run bench                        every row; writes packages/bench/RESULTS.md
npm run bench -- --quick             the core rows, in under three minutes, without contenders that no goal names
npm run bench -- --only WORK [--n N] one kind of work, at one size
                --runs R             how often a row is run, with new processes each time (default 3; --quick 1)
                --rounds R           how often each contender has its turn in a run (default 3; --quick 2)
                --json FILE          every figure, for machines
                --resume FILE        the same, to go on where it was interrupted: without the rows that FILE has`;

/**
 * Reads the command line.
 *
 * @throws Error for an unknown option or value
 */
export function parseOptions(args: readonly string[], all: readonly Row[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      n: { type: 'string' },
      rounds: { type: 'string' },
      runs: { type: 'string' },
      json: { type: 'string' },
      resume: { type: 'string' },
    },
  });
  const { quick, only, n, json, resume } = values;
  if (json !== undefined && resume !== undefined) throw new Error('--resume writes its file, and needs no --json');
  if (n !== undefined && only === undefined) throw new Error('--n needs --only');
  const rows = only === undefined ? all.filter((row) => row.quick || !quick) : pick(all, only, n);
  const rounds = positive('--rounds', values.rounds ?? (quick ? '2' : '3'));
  const runs = positive('--runs', values.runs ?? (quick ? '1' : '3'));
  const whole = rows.length === all.length && rounds >= 3 && runs >= 3;
  return { rows, rounds, runs, few: quick, whole, ...(json && { json }), ...(resume && { resume }) };
}

function pick(all: readonly Row[], work: string, n: string | undefined): readonly Row[] {
  const some = all.filter((row) => row.work === work);
  const [first] = some;
  if (first === undefined) {
    throw new Error(`--only ${work}: choose from ${[...new Set(all.map((row) => row.work))].join(', ')}`);
  }
  if (n === undefined) return some;
  const size = positive('--n', n);
  // Goals apply to the standard size only.
  const exact = some.find((row) => row.n === size);
  return [exact ?? { ...first, n: size, goals: [] }];
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${flag} ${text}: must be an integer above 0`);
  return value;
}
