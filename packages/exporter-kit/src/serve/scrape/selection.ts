import type { Gatherer, Selection } from '../../collect/scrape/gather.ts';

/**
 * Reads `collect[]`, `exclude[]` (collector names), `name[]` (family names) and `target[]` or `target` (names of targets, or of
 * sources whose target has none); each may be repeated. Excluding every collector is allowed, and an unknown family matches
 * nothing.
 *
 * @throws SelectionError for an unknown or disabled collector, for an unknown target, and, like node_exporter, for
 * `collect[]` with `exclude[]`.
 */
export function readSelection(
  query: URLSearchParams,
  { collectors, sources }: Pick<Gatherer, 'collectors' | 'sources'>,
): Selection {
  const [collect, exclude, names] = ['collect[]', 'exclude[]', 'name[]'].map((key) => query.getAll(key)) as [
    string[],
    string[],
    string[],
  ];
  // As /-/sd writes it: a label of Prometheus 2 can't have brackets.
  const targets = [...query.getAll('target[]'), ...query.getAll('target')];
  if (collect.length > 0 && exclude.length > 0) {
    throw new SelectionError('collect[] and exclude[] cannot be combined');
  }
  const collectorNames = [...new Set(collectors.map(({ name }) => name))];
  // The unknown name is not repeated: it is text from the client.
  if ([...collect, ...exclude].some((name) => !collectorNames.includes(name))) {
    throw new SelectionError(`unknown collector in collect[] or exclude[]; available: ${collectorNames.join(', ')}`);
  }
  const { byName } = sources;
  if (targets.some((name) => !byName.has(name))) {
    throw new SelectionError(`unknown target in target[]; ${byName.size} are known, see /-/status.json`);
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
