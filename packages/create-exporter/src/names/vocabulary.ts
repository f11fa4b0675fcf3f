import type { Spellings } from './names.ts';
import type { Rename } from './rename.ts';

const word = /[\p{L}\p{N}_$./-]*[\p{L}\p{N}_$]/gu;

/**
 * A careful rename, for text that people wrote: only whole words change that a template made of the old name, such as
 * `queueCollector`, `queue_items` or `./queue.ts`. The bare name is not among them: it may mean something else there.
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
