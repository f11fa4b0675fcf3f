import type { Logger } from './context.ts';
import type { Outcome, Runner } from './runner.ts';

// Scrapes that find a collector still at its earlier call, before the log says so.
const PATIENCE = 3;

/** Makes the function that logs how collectors fared: each failure, and once what goes on from scrape to scrape. */
export function outcomeLog(log: Logger): (outcomes: readonly Outcome[], runners: readonly Runner[]) => void {
  const reported = new Set<string>();
  const busy = new Map<string, number>();

  function tell({ collector: { name }, status, durationMs, reason, error, overdueMs = 0 }: Outcome): void {
    const facts = { collector: name, status, duration_seconds: durationMs / 1000 };
    if (status !== 'busy') busy.delete(name);
    if (status === 'ok') log.debug(facts, 'collector succeeded');
    else if (status === 'unsupported') log.debug({ ...facts, reason }, 'collector has nothing to read here');
    else if (status === 'busy') {
      const scrapes = (busy.get(name) ?? 0) + 1;
      busy.set(name, scrapes);
      const overdue = { collector: name, overdue_seconds: overdueMs / 1000, scrapes };
      if (scrapes === PATIENCE)
        log.error(overdue, 'collector ignores its signal; it is not started again until it ends');
      else log.debug(overdue, 'collector still at its earlier call');
    } else log.error({ ...facts, reason, ...(error === undefined ? {} : { err: error }) }, 'collector failed');
  }

  /** Says once for each collector and reason that samples are dropped; the counter says how many. */
  function tellDrops({ collector, drops }: Runner): void {
    for (const [reason, detail] of drops.first) {
      const key = `${collector.name} ${reason}`;
      if (reported.has(key)) continue;
      reported.add(key);
      log.warn({ collector: collector.name, reason, first: detail }, 'samples dropped');
    }
  }

  return (outcomes, runners) => {
    outcomes.forEach(tell);
    runners.forEach(tellDrops);
  };
}
