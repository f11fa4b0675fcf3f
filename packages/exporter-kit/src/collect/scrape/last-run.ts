import { kindOf } from '../../errors/thrown.ts';
import type { Outcome } from './runner.ts';

/** The last run that ended or was abandoned. */
export interface LastRun {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly status: Exclude<Outcome['status'], 'busy' | 'down'>;
  readonly durationMs: number;
  /** The error's code or class, never its text. */
  readonly error?: string;
  /** Number of series written, if `ok`. */
  readonly series: number;
}

export function lastRunOf({ status, durationMs, samples, error }: Outcome): LastRun {
  const series = samples?.columns.reduce((sum, { live }) => sum + live, 0) ?? 0;
  const run = { at: Date.now(), status: status as LastRun['status'], durationMs, series };
  const kind = error === undefined ? undefined : kindOf(error);
  return kind === undefined ? run : { ...run, error: kind };
}
