import type { Gatherer, Scrape } from '../../collect/scrape/gather.ts';

/** What a request wants of an exporter. */
export type Selection = Pick<Scrape, 'only' | 'families'>;

/**
 * Reads `collect[]`, `exclude[]` (names of collectors) and `name[]` (names of families). Each may come several times.
 * Excluding everything leaves nothing, and an unknown family is simply not there.
 *
 * @throws SelectionError for an unknown or disabled collector, and for `collect[]` beside `exclude[]`, as node_exporter does.
 */
export function readSelection(query: URLSearchParams, { collectors }: Pick<Gatherer, 'collectors'>): Selection {
  const [collect, exclude, names] = [query.getAll('collect[]'), query.getAll('exclude[]'), query.getAll('name[]')];
  if (collect.length > 0 && exclude.length > 0) {
    throw new SelectionError('collect[] and exclude[] do not go together; use one of them');
  }
  const known = collectors.map(({ name }) => name);
  const unknown = [...collect, ...exclude].find((name) => !known.includes(name));
  // What was asked for is not repeated: it is the sender's text.
  if (unknown !== undefined) {
    throw new SelectionError(`collect[] and exclude[] take the collectors that run here: ${known.join(', ')}`);
  }
  return {
    ...(collect.length > 0 ? { only: new Set(collect) } : {}),
    ...(exclude.length > 0 ? { only: new Set(known.filter((name) => !exclude.includes(name))) } : {}),
    ...(names.length > 0 ? { families: new Set(names) } : {}),
  };
}

/** A request that wants what can't be. Its message is for the one who asks. */
export class SelectionError extends Error {
  override readonly name: string = 'SelectionError';
}
