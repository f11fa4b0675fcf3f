// Distinct reasons logged while something keeps failing: one that is new each time must not fill the log.
const MOST_REASONS = 10;

/** Consecutive failures of something. */
interface Trouble {
  readonly since: number;
  failures: number;
  readonly reasons: Set<string>;
}

/** Tells which of many failures are news: the first, those with a new reason, and the 10th, 100th, 1000th … in a row. */
export interface Troubles {
  /** Counts a failure. */
  failed(key: string, reason: string): { readonly isNews: boolean; readonly failures: number };
  /** Ends consecutive failures; `undefined` if there were none. */
  recovered(key: string): { readonly failures: number; readonly seconds: number } | undefined;
}

export function troubles(): Troubles {
  const all = new Map<string, Trouble>();
  return {
    failed(key, reason) {
      const trouble = all.get(key) ?? { since: performance.now(), failures: 0, reasons: new Set() };
      all.set(key, trouble);
      trouble.failures++;
      // Reasons that differ only in ports, times or counts are the same.
      const kind = reason.replace(/\d+/g, '0');
      const isNew = !trouble.reasons.has(kind) && trouble.reasons.size < MOST_REASONS;
      if (isNew) trouble.reasons.add(kind);
      return { isNews: isNew || Number.isInteger(Math.log10(trouble.failures)), failures: trouble.failures };
    },
    recovered(key) {
      const trouble = all.get(key);
      all.delete(key);
      return trouble && { failures: trouble.failures, seconds: (performance.now() - trouble.since) / 1000 };
    },
  };
}
