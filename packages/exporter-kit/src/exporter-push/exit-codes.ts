/**
 * How `exporter-push` ends where it does not end as its command did. Sources: sysexits.h for 64 and 65, GNU timeout for 124,
 * POSIX' shell for the rest.
 */
export const exitCodes = {
  undelivered: 1,
  badInput: 65,
  timedOut: 124,
  notExecutable: 126,
  notFound: 127,
  /** Plus the number of the signal that ended the command. */
  signalled: 128,
} as const;
