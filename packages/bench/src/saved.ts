import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Measured } from './figures.ts';
import type { Verdict } from './goals.ts';
import { facts } from './machine.ts';
import { median } from './measure/statistics.ts';
import type { Repeats, Result } from './result.ts';
import type { Row } from './rows/row.ts';

/** A file of figures, for machines. */
interface Saved extends Omit<Repeats, 'few'> {
  readonly facts: ReturnType<typeof facts>;
  readonly rows: readonly SavedRow[];
}

interface SavedRow extends Pick<Result, 'missing' | 'failure'> {
  readonly work: string;
  readonly n: number;
  readonly title: string;
  readonly contenders: {
    readonly [name: string]: {
      readonly [figure: string]: { readonly median: number; readonly samples: readonly number[] };
    };
  };
  readonly goals: readonly Verdict[];
}

/** Writes the figures of all rows so far. */
export function save(file: string, results: readonly Result[], { rounds, runs }: Repeats): void {
  const saved: Saved = { facts: facts(), rounds, runs, rows: results.map(rowOf) };
  writeFileSync(file, `${JSON.stringify(saved, undefined, 2)}\n`);
}

function rowOf({ row: { work, n, title }, measured, verdicts, missing, failure }: Result): SavedRow {
  return {
    work,
    n,
    title,
    contenders: Object.fromEntries(
      [...measured].map(([name, of]) => [
        name,
        Object.fromEntries(
          Object.entries(of).map(([figure, samples]) => [figure, { median: median(samples), samples }]),
        ),
      ]),
    ),
    goals: verdicts,
    missing,
    ...(failure === undefined ? {} : { failure }),
  };
}

/**
 * What an interrupted bench has saved: its rows, without those that failed. Nothing if there is no such file.
 *
 * @throws Error if it was measured on another machine, with other versions, or in other runs
 */
export function savedIn(file: string, rows: readonly Row[], { rounds, runs }: Repeats): ReadonlyMap<Row, Result> {
  if (!existsSync(file)) return new Map();
  const saved = JSON.parse(readFileSync(file, 'utf8')) as Saved;
  const same = JSON.stringify([saved.facts, saved.rounds, saved.runs]) === JSON.stringify([facts(), rounds, runs]);
  if (!same)
    throw new Error(`--resume: ${file} is of another machine, of other versions or runs; delete it, or name another`);
  return new Map(
    rows.flatMap((row) => {
      const known = saved.rows.find(({ work, n, title }) => work === row.work && n === row.n && title === row.title);
      return known === undefined || known.failure !== undefined ? [] : [[row, resultOf(row, known)]];
    }),
  );
}

function resultOf(row: Row, { contenders, goals, missing }: SavedRow): Result {
  const measured = Object.entries(contenders).map(([name, figures]) => [
    name,
    Object.fromEntries(Object.entries(figures).map(([figure, { samples }]) => [figure, samples])),
  ]);
  return { row, measured: new Map(measured as never) as Measured, verdicts: goals, missing };
}
