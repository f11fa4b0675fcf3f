import type { Collector } from 'exporter-kit';

/** The collectors that `add` has added. It writes this file anew, unless you have edited it: then it says what to write. */
export const added: Collector[] = [];
