import type { Probe } from 'exporter-kit';

/** The probes that `add` has added. It writes this file anew, unless you have edited it: then it says what to write. */
export const added: Probe[] = [];
