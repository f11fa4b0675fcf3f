import { throttle } from '../../time/throttle.ts';
import type { Logger } from '../context.ts';
import type { Outcome, Runner } from './runner.ts';

// Scrapes that find a collector busy before it is logged as an error.
const PATIENCE = 3;
// Distinct reasons logged while a collector keeps failing: one that is new each time must not fill the log.
const MOST_REASONS = 10;

/** Consecutive failures of a collector. */
interface Trouble {
  readonly since: number;
  failures: number;
  readonly reasons: Set<string>;
}

/**
 * Returns a function that logs outcomes, in a few lines however often the exporter is scraped: a failure when it begins or
 * has a new reason, then the 10th, 100th, 1000th … in a row, and the recovery, with the number of failures.
 */
export function outcomeLog(log: Logger): (outcomes: readonly Outcome[], runners: readonly Runner[]) => void {
  const isNews = throttle();
  const busy = new Map<string, number>();
  const troubles = new Map<string, Trouble>();

  function tell({ collector: { name }, status, durationMs, reason, error, overdueMs = 0 }: Outcome): void {
    const facts = { collector: name, status, duration_seconds: durationMs / 1000 };
    if (status !== 'busy') busy.delete(name);
    if (status === 'ok' || status === 'unsupported') tellRecovery(name);
    if (status === 'ok') log.debug(facts, 'collector succeeded');
    else if (status === 'unsupported') log.debug({ ...facts, reason }, 'collector unsupported on this host');
    else if (status === 'busy') {
      const scrapes = (busy.get(name) ?? 0) + 1;
      busy.set(name, scrapes);
      const overdue = { collector: name, overdue_seconds: overdueMs / 1000, scrapes };
      if (scrapes === PATIENCE) log.error(overdue, 'collector ignores its signal; skipped until its run ends');
      else log.debug(overdue, 'collector still busy with its previous run');
    } else tellFailure(name, { ...facts, reason, ...(error === undefined ? {} : { err: error }) }, reason ?? status);
  }

  function tellFailure(name: string, facts: object, reason: string): void {
    const trouble = troubles.get(name) ?? { since: performance.now(), failures: 0, reasons: new Set() };
    troubles.set(name, trouble);
    trouble.failures++;
    // Reasons that differ only in ports, times or counts are the same.
    const kind = reason.replace(/\d+/g, '0');
    const isNew = !trouble.reasons.has(kind) && trouble.reasons.size < MOST_REASONS;
    if (isNew) trouble.reasons.add(kind);
    if (isNew || isPowerOfTen(trouble.failures)) {
      const { failures } = trouble;
      log.error(failures === 1 ? facts : { ...facts, failures }, 'collector failed');
    } else log.debug(facts, 'collector failed again');
  }

  function tellRecovery(name: string): void {
    const trouble = troubles.get(name);
    if (trouble === undefined) return;
    troubles.delete(name);
    const seconds = (performance.now() - trouble.since) / 1000;
    log.info({ collector: name, failures: trouble.failures, failing_for_seconds: seconds }, 'collector recovered');
  }

  /** Logs dropped samples once for each collector and reason; the counter has their number. */
  function tellDrops({ collector, drops }: Runner): void {
    for (const [reason, detail] of drops.first) {
      if (!isNews(`${collector.name} ${reason}`)) continue;
      log.warn({ collector: collector.name, reason, first: detail }, 'samples dropped');
    }
  }

  return (outcomes, runners) => {
    outcomes.forEach(tell);
    runners.forEach(tellDrops);
  };
}

function isPowerOfTen(count: number): boolean {
  return Number.isInteger(Math.log10(count));
}
