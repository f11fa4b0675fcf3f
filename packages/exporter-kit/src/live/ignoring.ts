import type { Counting, Measuring, Observing } from './instruments.ts';
import { andThen } from './values.ts';

const nothing = (): void => {};
const last = (args: readonly unknown[]): (() => unknown) => args.at(-1) as () => unknown;

/**
 * Every instrument of a metric that is turned off, and the child of labels that were refused: runs what it is given to run,
 * and counts nothing.
 */
export const ignoring: Counting<[]> & Measuring<[]> & Observing<[]> = Object.freeze({
  inc: nothing,
  dec: nothing,
  set: nothing,
  setToCurrentTime: nothing,
  observe: nothing,
  remove: nothing,
  start: () => {
    const began = performance.now();
    return () => (performance.now() - began) / 1000;
  },
  time: <T>(...args: readonly unknown[]): T => andThen(last(args), nothing) as T,
  track: <T>(...args: readonly unknown[]): T => andThen(last(args), nothing) as T,
  with(): unknown {
    return ignoring;
  },
}) as never;
