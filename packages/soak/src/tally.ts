/** What came of all that was asked. */
export interface Tally {
  /** Counts what was to be expected. */
  count(outcome: string): void;
  /** Counts what was not, and keeps the first few to be read. */
  unexpected(what: string, detail: unknown): void;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly surprises: { readonly count: number; readonly first: readonly string[] };
}

const KEPT = 20;
const LONGEST = 300;

export function tally(): Tally {
  const outcomes = new Map<string, number>();
  const first: string[] = [];
  let count = 0;
  return {
    outcomes,
    get surprises() {
      return { count, first };
    },
    count(outcome) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    },
    unexpected(what, detail) {
      count++;
      const said = detail instanceof Error ? detail.message : String(detail);
      if (first.length < KEPT) first.push(`${what}: ${said.slice(0, LONGEST)}`);
    },
  };
}
