import type { Family } from './families.ts';
import { makeGauges, replace, revalue, type Series, shuffle } from './gauges.ts';
import { double, mixed, whole } from './values.ts';

/** The source behind an exporter of gauges. Its values change between scrapes, so that scrapes do not pay for it. */
export interface Source {
  /** The families' names, for declarations. */
  readonly names: readonly string[];
  /** Advances to the values of scrape `n`. */
  turn(n: number): void;
  /** Reads the rows, as an exporter does at a scrape. */
  read(): readonly Family<Series>[];
}

/** How rows change between scrapes; every value changes in all of them. */
export const kinds = [
  'mixed',
  'doubles',
  'shuffled',
  'replaced',
  'churning',
  'json',
  'application',
  'waiting',
] as const;
export type Kind = (typeof kinds)[number];

// Share of rows replaced between scrapes.
const REPLACED = 0.01;
const CHURNING = 0.1;
// As an application has them: many, with few series each; and collectors that wait.
const familiesOf: { readonly [K in Kind]?: number } = { application: 200, waiting: 40 };

// An application counts, mostly.
const draws: { readonly [K in Kind]?: (state: number) => number } = { doubles: double, application: whole };

export function makeSource(kind: Kind, count: number): Source {
  const families = makeGauges(count, familiesOf[kind]);
  const names = families.map(({ name }) => name);
  const revalued = (n: number): void => revalue(families, n, draws[kind] ?? mixed);
  const read = (): readonly Family<Series>[] => families;
  switch (kind) {
    case 'mixed':
    case 'doubles':
    case 'application':
    case 'waiting':
      return { names, read, turn: revalued };
    case 'shuffled':
      return { names, read, turn: both((n) => shuffle(families, n), revalued) };
    case 'replaced':
      return { names, read, turn: both((n) => replace(families, n, REPLACED), revalued) };
    case 'churning':
      return { names, read, turn: both((n) => replace(families, n, CHURNING), revalued) };
    case 'json': {
      let text = '[]';
      const write = (): void => {
        text = JSON.stringify(families);
      };
      // Labels arrive as fresh strings; parsing them is part of the scrape.
      return { names, read: () => JSON.parse(text), turn: both(revalued, write) };
    }
  }
}

function both(first: Source['turn'], then: Source['turn']): Source['turn'] {
  return (n) => {
    first(n);
    then(n);
  };
}
