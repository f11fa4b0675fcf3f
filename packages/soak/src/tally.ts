/** Counts of expected and unexpected responses. */
export interface Tally {
  /** Counts an expected response. */
  count(outcome: string): void;
  /** Counts an unexpected one; the first few are kept for the report. */
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
