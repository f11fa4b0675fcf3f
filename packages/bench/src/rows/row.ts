import type { ProgramName } from 'test-servers';
import type { Measured } from '../figures.ts';
import type { Goal } from '../goals.ts';
import type { Entrant } from '../measure/entrants.ts';

/** The size of a row's work. */
export interface Extent {
  /** Series, or lines of histograms. */
  readonly n: number;
  readonly rounds: number;
}

/** Runs a row with the installed contenders. */
export type Measure = (entrants: readonly Entrant[], extent: Extent) => Promise<Measured>;

/** A kind of work at one size. */
export interface Row {
  /** For `--only`. */
  readonly work: string;
  readonly n: number;
  /** Description for readers. */
  readonly title: string;
  /** Whether `--quick` includes it. */
  readonly quick: boolean;
  readonly contenders: readonly string[];
  /** Programs named differently from their contender. */
  readonly as?: { readonly [contender: string]: string };
  /** A system program that the row needs. */
  readonly tool?: string;
  /** A real component that the row needs. */
  readonly peer?: ProgramName;
  /** Whether one run is enough: it measures the same each time, or takes minutes. */
  readonly once?: boolean;
  readonly goals: readonly Goal[];
  readonly measure: Measure;
}
