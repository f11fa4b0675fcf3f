/** How long a scrape may take. */
export interface ScrapeTimeouts {
  /** Subtracted from the scraper's timeout, for encoding and the network; default 500. */
  readonly timeoutOffsetMs?: number;
  /** Timeout when the scraper sends none; default 10 000. */
  readonly defaultTimeoutMs?: number;
  /** Upper bound for any scraper's timeout; default 120 000. */
  readonly maxTimeoutMs?: number;
}

/**
 * When the collectors must be done, on the clock of `performance.now()`: the scraper's timeout
 * (`X-Prometheus-Scrape-Timeout-Seconds`) less the offset, but at least half of it. A header that is not a positive number
 * is ignored.
 */
export function deadlineOf(header: string | undefined, now: number, timeouts: ScrapeTimeouts = {}): number {
  const { timeoutOffsetMs = 500, defaultTimeoutMs = 10_000, maxTimeoutMs = 120_000 } = timeouts;
  const seconds = header === undefined || header.trim() === '' ? Number.NaN : Number(header);
  if (!(seconds > 0 && seconds < Infinity)) return now + defaultTimeoutMs;
  const timeoutMs = seconds * 1000;
  return now + Math.min(maxTimeoutMs, Math.max(timeoutMs - timeoutOffsetMs, timeoutMs / 2));
}
