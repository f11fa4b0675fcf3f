import type { Spellings } from './names.ts';

/** Replaces every spelling of one name by the same spelling of another. */
export type Rename = (text: string) => string;

/**
 * Returns a function that renames one name to another, in all spellings. It passes over the text once, so the new name may
 * contain the old one (`acme-widget-pro`).
 *
 * @param tokens other text to replace in the same pass, such as a port.
 * @example
 * renamer(spellings('acme-widget'), spellings('queue'))('AcmeWidget'); // 'Queue'
 */
export function renamer(from: Spellings, to: Spellings, tokens: Readonly<Record<string, string>> = {}): Rename {
  const keys = Object.keys(from) as (keyof Spellings)[];
  // Tokens first: one may be longer than a name and start with it.
  const pairs = new Map([...Object.entries(tokens), ...keys.map((key): [string, string] => [from[key], to[key]])]);
  const any = new RegExp([...pairs.keys()].map(escaped).join('|'), 'g');
  return (text) => text.replace(any, (found) => pairs.get(found)!);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const word = /[\p{L}\p{N}_$./-]*[\p{L}\p{N}_$]/gu;

/**
 * A careful rename, for text that people wrote: only whole words that a template derived from the old name change, such as
 * `queueCollector`, `queue_items` or `./queue.ts`. The bare name does not: it may mean something else there.
 *
 * @param texts the template's sources; `before` and `after` render them under the old name and the new.
 */
export function vocabulary(texts: readonly string[], before: Rename, after: Rename, old: Spellings): Rename {
  const bare = new Set<string>(Object.values(old));
  const pairs = new Map<string, string>();
  for (const text of texts) {
    for (const [source] of text.matchAll(word)) {
      const [was, is] = [before(source), after(source)];
      if (was !== is && !bare.has(was)) pairs.set(was, is);
    }
  }
  return (text) => text.replace(word, (found) => pairs.get(found) ?? found);
}
