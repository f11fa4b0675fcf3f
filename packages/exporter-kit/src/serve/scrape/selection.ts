import type { Gatherer, Selection } from '../../collect/scrape/gather.ts';

/**
 * Reads `collect[]`, `exclude[]` (collector names) and `name[]` (family names); each may be repeated. Excluding every
 * collector is allowed, and an unknown family matches nothing.
 *
 * @throws SelectionError for an unknown or disabled collector, and, like node_exporter, for `collect[]` with `exclude[]`.
 */
export function readSelection(query: URLSearchParams, { collectors }: Pick<Gatherer, 'collectors'>): Selection {
  const [collect, exclude, names] = [query.getAll('collect[]'), query.getAll('exclude[]'), query.getAll('name[]')];
  if (collect.length > 0 && exclude.length > 0) {
    throw new SelectionError('collect[] and exclude[] cannot be combined');
  }
  const known = collectors.map(({ name }) => name);
  // The unknown name is not repeated: it is text from the client.
  if ([...collect, ...exclude].some((name) => !known.includes(name))) {
    throw new SelectionError(`unknown collector in collect[] or exclude[]; available: ${known.join(', ')}`);
  }
  return {
    ...(collect.length > 0 ? { only: new Set(collect) } : {}),
    ...(exclude.length > 0 ? { only: new Set(known.filter((name) => !exclude.includes(name))) } : {}),
    ...(names.length > 0 ? { families: new Set(names) } : {}),
  };
}

/** An invalid selection; the message is sent to the client. */
export class SelectionError extends Error {
  override readonly name: string = 'SelectionError';
}
