import { findProgram, type Program } from './programs.ts';

/** A contender in a row: its name in the table, and its program. */
export interface Entrant {
  readonly name: string;
  readonly program: Program;
}

/** A row's contenders that are installed, and the names of the others. `as` maps contenders to programs of another name. */
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
