/** How long a scrape may take. */
export interface Patience {
  /** Kept back for encoding and the way home; default 500. */
  readonly offsetMs?: number;
  /** For those who don't say how long they wait, and the most anyone gets; default 10 000 and 120 000. */
  readonly defaultMs?: number;
  readonly mostMs?: number;
}

/**
 * When the collectors must be done, on the clock of `performance.now()`: what the scraper says it waits
 * (`X-Prometheus-Scrape-Timeout-Seconds`) less an offset, but at least half of it. A header that is no positive number is
 * ignored.
 */
export function deadlineOf(header: string | undefined, now: number, patience: Patience = {}): number {
  const { offsetMs = 500, defaultMs = 10_000, mostMs = 120_000 } = patience;
  const seconds = header === undefined || header.trim() === '' ? Number.NaN : Number(header);
  if (!(seconds > 0 && seconds < Infinity)) return now + defaultMs;
  const askedMs = seconds * 1000;
  return now + Math.min(mostMs, Math.max(askedMs - offsetMs, askedMs / 2));
}
