/**
 * What was published on this day or later is not installed by tests that install without a lockfile: somebody else's release
 * must not decide whether they pass. Not before the newest version in the lockfile.
 */
export const REGISTRY_DATE = '2026-11-26';
