import type { Probe } from 'exporter-kit';

/** The probes that `add` added. It rewrites this file unless you have edited it; then it prints what to add. */
export const added: Probe[] = [];
