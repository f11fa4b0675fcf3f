import type { Gatherer, Selection } from '../../collect/scrape/gather.ts';

/**
 * Reads `collect[]`, `exclude[]` (collector names), `name[]` (family names) and `target[]` (names of sources' targets); each
 * may be repeated. Excluding every
 * collector is allowed, and an unknown family matches nothing.
 *
 * @throws SelectionError for an unknown or disabled collector or unknown target, and, like node_exporter, for `collect[]` with `exclude[]`.
 */
export function readSelection(
  query: URLSearchParams,
  { collectors, sources }: Pick<Gatherer, 'collectors' | 'sources'>,
): Selection {
  const [collect, exclude, names, targets] = ['collect[]', 'exclude[]', 'name[]', 'target[]'].map((key) =>
    query.getAll(key),
  ) as [string[], string[], string[], string[]];
  if (collect.length > 0 && exclude.length > 0) {
    throw new SelectionError('collect[] and exclude[] cannot be combined');
  }
  const collectorNames = [...new Set(collectors.map(({ name }) => name))];
  // The unknown name is not repeated: it is text from the client.
  if ([...collect, ...exclude].some((name) => !collectorNames.includes(name))) {
    throw new SelectionError(`unknown collector in collect[] or exclude[]; available: ${collectorNames.join(', ')}`);
  }
  const known = new Set(sources.targets.map(({ target }) => target.name));
  if (targets.some((name) => !known.has(name))) {
    throw new SelectionError(`unknown target in target[]; ${known.size} are known, see /-/status.json`);
  }
  return {
    ...(collect.length > 0 ? { only: new Set(collect) } : {}),
    ...(exclude.length > 0 ? { only: new Set(collectorNames.filter((name) => !exclude.includes(name))) } : {}),
    ...(names.length > 0 ? { families: new Set(names) } : {}),
    ...(targets.length > 0 ? { targets: new Set(targets) } : {}),
  };
}

/** An invalid selection; the message is sent to the client. */
export class SelectionError extends Error {
  override readonly name: string = 'SelectionError';
}
