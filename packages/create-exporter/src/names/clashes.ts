import { UserError } from '../user-error.ts';
import type { Rename } from './rename.ts';

const words = /[A-Za-z_$][\w$]*/g;
// Whichever begins first: a comment may have a quotation mark in it, and a string two slashes.
const commentsAndStrings = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

/** The identifiers of a source file, names of properties among them. */
export const identifiersIn = (source: string): ReadonlySet<string> =>
  new Set(source.replace(commentsAndStrings, ' ').match(words));

/**
 * Refuses a name that would make one identifier of two in one source file: `settings`, where a file imports another's settings.
 *
 * @param files a template's, under its own name.
 * @throws UserError (wrong usage) that names file and identifier.
 */
export function refuseClashes(files: ReadonlyMap<string, Uint8Array>, rename: Rename): void {
  for (const [path, bytes] of files) {
    if (!path.endsWith('.ts')) continue;
    const identifiers = identifiersIn(Buffer.from(bytes).toString());
    for (const one of identifiers) {
      const renamed = rename(one);
      if (renamed === one || !identifiers.has(renamed)) continue;
      throw new UserError(
        `--name: ${rename(path)} of the template already uses the identifier ${renamed}; add a word to the name.`,
        64,
      );
    }
  }
}
