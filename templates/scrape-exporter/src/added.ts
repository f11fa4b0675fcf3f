import type { Collector } from 'exporter-kit';

/** The collectors that `add` added. It rewrites this file unless you have edited it; then it prints what to add. */
export const added: Collector[] = [];
