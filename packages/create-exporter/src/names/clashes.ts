import type { Rename } from './rename.ts';

const words = /[A-Za-z_$][\w$]*/g;
// Whichever begins first: a comment may have a quotation mark in it, and a string two slashes.
const commentsAndStrings = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

/** The identifiers of a source file, names of properties among them. */
export const identifiersIn = (source: string): ReadonlySet<string> =>
  new Set(source.replace(commentsAndStrings, ' ').match(words));

/** Two identifiers of one source file that a new name would make one. */
export interface Clash {
  readonly path: string;
  readonly identifier: string;
}

/**
 * Finds what a new name would make one of two: `settings`, where a file imports another's settings.
 *
 * @param files a template's, under its own name.
 */
export function clashIn(files: ReadonlyMap<string, Uint8Array>, rename: Rename): Clash | undefined {
  for (const [path, bytes] of files) {
    if (!path.endsWith('.ts')) continue;
    const identifiers = identifiersIn(Buffer.from(bytes).toString());
    for (const one of identifiers) {
      const renamed = rename(one);
      if (renamed !== one && identifiers.has(renamed)) return { path: rename(path), identifier: renamed };
    }
  }
  return undefined;
}
