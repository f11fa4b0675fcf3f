import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diffArrays } from 'diff';

/** Result of a merge. */
export interface Merged {
  readonly text: string;
  /** Number of places that both sides changed differently; they are marked in the text. */
  readonly conflicts: number;
}

/** Names of the two sides in conflict markers. */
export const labels = { ours: 'yours', base: 'template, as it was', theirs: 'template, as it is' } as const;

/**
 * Merges line by line: between lines that all three share, an unchanged side yields to the other.
 *
 * @param favourOurs takes our side where both changed, instead of marking it; still counted.
 */
export function mergeLines(base: string, ours: string, theirs: string, favourOurs = false): Merged {
  const [b, o, t] = [base, ours, theirs].map(lines) as [string[], string[], string[]];
  const [inOurs, inTheirs] = [matches(b, o), matches(b, t)];
  const parts: string[] = [];
  let conflicts = 0;
  let [atB, atO, atT] = [0, 0, 0];
  while (atB < b.length || atO < o.length || atT < t.length) {
    if (atB < b.length && inOurs.get(atB) === atO && inTheirs.get(atB) === atT) {
      parts.push(b[atB]!);
      [atB, atO, atT] = [atB + 1, atO + 1, atT + 1];
      continue;
    }
    let next = atB;
    while (next < b.length && !(inOurs.has(next) && inTheirs.has(next))) next++;
    const [endO, endT] = [inOurs.get(next) ?? o.length, inTheirs.get(next) ?? t.length];
    const [was, mine, other] = [b.slice(atB, next), o.slice(atO, endO), t.slice(atT, endT)].map((some) =>
      some.join(''),
    );
    if (mine === was || mine === other) parts.push(other!);
    else if (other === was) parts.push(mine!);
    else {
      conflicts++;
      if (favourOurs) {
        parts.push(mine!);
        [atB, atO, atT] = [next, endO, endT];
        continue;
      }
      const side = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
      parts.push(`<<<<<<< ${labels.ours}\n${side(mine!)}=======\n${side(other!)}>>>>>>> ${labels.theirs}\n`);
    }
    [atB, atO, atT] = [next, endO, endT];
  }
  return { text: parts.join(''), conflicts };
}

/** Lines with their ends. */
const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The positions of one text's unchanged lines in another. */
export function matches(from: string[], to: string[]): Map<number, number> {
  const found = new Map<number, number>();
  let [a, b] = [0, 0];
  for (const { added, removed, value } of diffArrays(from, to)) {
    if (added) b += value.length;
    else if (removed) a += value.length;
    else for (const _ of value) found.set(a++, b++);
  }
  return found;
}

/** Merges two changes of one text, with git if it is installed. */
export async function mergeText(base: string, ours: string, theirs: string, git = 'git'): Promise<Merged> {
  const folder = await mkdtemp(join(tmpdir(), 'merge-'));
  try {
    const paths = ['ours', 'base', 'theirs'].map((name) => join(folder, name));
    await Promise.all([ours, base, theirs].map((text, i) => writeFile(paths[i]!, text)));
    const names = [labels.ours, labels.base, labels.theirs].flatMap((label) => ['-L', label]);
    const merged = await run(git, ['merge-file', '-p', '--quiet', ...names, ...paths], folder);
    return merged ?? mergeLines(base, ours, theirs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** git's exit code is the number of conflicts; from 128 on, and without git, there is no result. */
function run(git: string, args: readonly string[], cwd: string): Promise<Merged | undefined> {
  return new Promise((resolve) => {
    execFile(git, [...args], { cwd, maxBuffer: 2 ** 26, encoding: 'utf8' }, (error, text) => {
      const code = error === null ? 0 : error.code;
      resolve(typeof code === 'number' && code >= 0 && code < 128 ? { text, conflicts: code } : undefined);
    });
  });
}
