import type { Collector, Source } from 'exporter-kit';

/** The collectors that `add` added. It rewrites this file unless you have edited it; then it prints what to add. */
export const added: Collector[] = [];

/** Their sources that `/probe` can read, each once. */
export const addedSources: Source[] = [...new Set(added.flatMap(({ source }) => source ?? []))].filter(
  ({ target }) => target !== undefined,
);
