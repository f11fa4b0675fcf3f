/** What a process lists for debugging; not in its types, and perhaps not in later versions of Node. */
interface Lists {
  _getActiveHandles?(): readonly object[];
  _getActiveRequests?(): readonly object[];
}

/** Open handles, such as sockets and servers, by class. */
export const activeHandles = (): ReadonlyMap<string, number> => countByClass((process as Lists)._getActiveHandles?.());

/** Running requests of libuv, such as file operations, by class. */
export const activeRequests = (): ReadonlyMap<string, number> =>
  countByClass((process as Lists)._getActiveRequests?.());

/** What keeps the event loop running, by type. */
export const activeResources = (): ReadonlyMap<string, number> => count(process.getActiveResourcesInfo());

const countByClass = (all: readonly object[] = []): ReadonlyMap<string, number> =>
  count(all.map((one) => one?.constructor?.name).filter((name) => typeof name === 'string' && name !== ''));

function count(names: readonly string[]): ReadonlyMap<string, number> {
  const counted = new Map<string, number>();
  for (const name of names) counted.set(name, (counted.get(name) ?? 0) + 1);
  return counted;
}
