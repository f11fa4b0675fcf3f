import { spawnSync } from 'node:child_process';
import { findPeer } from 'test-servers';
import type { Measured } from './figures.ts';
import { judge, type Verdict } from './goals.ts';
import { entrantsOf } from './measure/entrants.ts';
import type { Row } from './rows/row.ts';

/** The result of a row. */
export interface Result {
  readonly row: Row;
  readonly measured: Measured;
  readonly verdicts: readonly Verdict[];
  /** Missing contenders and tools. */
  readonly missing: readonly string[];
  /** Why measuring failed. */
  readonly failure?: string;
}

/** Runs a row. Errors are part of the result, so that other rows still run. */
export async function resultOf(row: Row, rounds: number): Promise<Result> {
  const { entrants, missing } = entrantsOf(row.contenders, row.as);
  const lacking = lackingFor(row);
  if (lacking !== undefined) {
    const nothing: Measured = new Map();
    const verdicts = row.goals.map((goal) => judge(goal, nothing));
    return { row, measured: nothing, verdicts, missing: [...missing, lacking] };
  }
  let measured: Measured = new Map();
  let failure: string | undefined;
  try {
    measured = await row.measure(entrants, { n: row.n, rounds });
  } catch (error) {
    failure = (error as Error).message;
  }
  const verdicts = row.goals.map((goal) => judge(goal, measured));
  return { row, measured, verdicts, missing, ...(failure === undefined ? {} : { failure }) };
}

/** Tools that the row needs and are missing. */
function lackingFor({ tool, peer }: Row): string | undefined {
  if (tool !== undefined && spawnSync(tool, ['--version']).status !== 0) return tool;
  return peer !== undefined && findPeer(peer) === undefined ? peer : undefined;
}
