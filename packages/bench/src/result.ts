import { spawnSync } from 'node:child_process';
import { findPeer } from 'test-servers';
import type { Measured } from './figures.ts';
import { judge, type Verdict } from './goals.ts';
import { entrantsOf } from './measure/entrants.ts';
import { together } from './measure/rounds.ts';
import type { Row } from './rows/row.ts';

/** How often a row is measured. */
export interface Repeats {
  readonly rounds: number;
  readonly runs: number;
  /** Without contenders that no goal names. */
  readonly few: boolean;
}

/** The result of a row. */
export interface Result {
  readonly row: Row;
  /** Of all runs together. */
  readonly measured: Measured;
  readonly verdicts: readonly Verdict[];
  /** Missing contenders and tools. */
  readonly missing: readonly string[];
  /** Why measuring failed. */
  readonly failure?: string;
}

/**
 * Runs a row several times, with new processes each time: what V8 makes of the same program differs from process to process.
 * Errors are part of the result, so that other rows still run.
 */
export async function resultOf(row: Row, { rounds, runs, few }: Repeats): Promise<Result> {
  const { entrants, missing } = entrantsOf(few ? judged(row) : row.contenders, row.as);
  const lacking = lackingFor(row);
  const measured: Measured[] = [];
  let failure: string | undefined;
  try {
    const times = row.once ? 1 : runs;
    for (let run = 0; run < times && lacking === undefined; run++) {
      measured.push(await row.measure(entrants, { n: row.n, rounds }));
    }
  } catch (error) {
    failure = (error as Error).message;
  }
  return {
    row,
    measured: together(measured),
    verdicts: row.goals.map((goal) => judge(goal, measured)),
    missing: lacking === undefined ? missing : [...missing, lacking],
    ...(failure === undefined ? {} : { failure }),
  };
}

/** The contenders that the goals name. */
function judged({ contenders, goals }: Row): readonly string[] {
  const named = new Set(['kit', ...goals.flatMap(({ of, against }) => [of, against])]);
  return contenders.filter((name) => named.has(name));
}

/** Tools that the row needs and are missing. */
function lackingFor({ tool, peer }: Row): string | undefined {
  if (tool !== undefined && spawnSync(tool, ['--version']).status !== 0) return tool;
  return peer !== undefined && findPeer(peer) === undefined ? peer : undefined;
}
