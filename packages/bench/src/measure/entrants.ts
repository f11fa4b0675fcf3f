import { findProgram, type Program } from './programs.ts';

/** Who takes part in a row: the name in the table, and the program. */
export interface Entrant {
  readonly name: string;
  readonly program: Program;
}

/** Those of a row's contenders that are here, and the names of the others. `as` names programs that are not called like the contender. */
export function entrantsOf(
  contenders: readonly string[],
  as: { readonly [contender: string]: string } = {},
): { readonly entrants: readonly Entrant[]; readonly missing: readonly string[] } {
  const entrants: Entrant[] = [];
  const missing: string[] = [];
  for (const name of contenders) {
    const program = findProgram(as[name] ?? name);
    if (program === undefined) missing.push(name);
    else entrants.push({ name, program });
  }
  return { entrants, missing };
}
