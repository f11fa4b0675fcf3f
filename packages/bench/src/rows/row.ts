import type { ProgramName } from 'test-servers';
import type { Measured } from '../figures.ts';
import type { Goal } from '../goals.ts';
import type { Entrant } from '../measure/entrants.ts';

/** How much of a row's work is done. */
export interface Extent {
  /** Series, or lines of histograms. */
  readonly n: number;
  readonly rounds: number;
}

/** Does a row's work with those contenders that are here. */
export type Measure = (entrants: readonly Entrant[], extent: Extent) => Promise<Measured>;

/** One kind of work at one size. */
export interface Row {
  /** For `--only`. */
  readonly work: string;
  readonly n: number;
  /** What is done, for people. */
  readonly title: string;
  /** Whether `--quick` does it. */
  readonly quick: boolean;
  readonly contenders: readonly string[];
  /** Programs that are not called like their contender. */
  readonly as?: { readonly [contender: string]: string };
  /** A program of the system that the measuring needs. */
  readonly tool?: string;
  /** A real component that takes part. */
  readonly peer?: ProgramName;
  readonly goals: readonly Goal[];
  readonly measure: Measure;
}
