import { throttle } from '../../time/throttle.ts';
import type { Collector } from '../collector.ts';
import type { Logger } from '../context.ts';
import type { Answer, LiveTarget } from '../source/live-target.ts';
import type { Outcome, Runner } from './runner.ts';

// Scrapes that find a collector busy before it is logged as an error.
const PATIENCE = 3;

/**
 * Returns a function that logs outcomes, in a few lines however often the exporter is scraped: a failure when it begins or
 * has a new reason, then the 10th, 100th, 1000th … in a row, and the recovery, with the number of failures. It returns
 * whether a collector is in trouble, so that its recovery will be news.
 */
export function outcomeLog(log: Logger): (outcomes: readonly Outcome[], runners: readonly Runner[]) => boolean {
  const isNews = throttle();
  const busy = new Map<string, number>();
  const failing = troubles();

  function tell({ collector, status, durationMs, reason, error, overdueMs = 0 }: Outcome): void {
    const { whose, name } = identityOf(collector);
    const facts = { ...whose, status, duration_seconds: durationMs / 1000 };
    if (status !== 'busy') busy.delete(name);
    if (status === 'ok' || status === 'unsupported') tellRecovery(name, whose);
    if (status === 'ok') log.debug(facts, 'collector succeeded');
    else if (status === 'unsupported') log.debug({ ...facts, reason }, 'collector unsupported on this host');
    // One line for all collectors of a source is logged elsewhere.
    else if (status === 'down') log.debug({ ...facts, reason }, 'collector skipped');
    else if (status === 'busy') {
      const scrapes = (busy.get(name) ?? 0) + 1;
      busy.set(name, scrapes);
      const overdue = { ...whose, overdue_seconds: overdueMs / 1000, scrapes };
      if (scrapes === PATIENCE) log.error(overdue, 'collector ignores its signal; skipped until its run ends');
      else log.debug(overdue, 'collector still busy with its previous run');
    } else tellFailure(name, { ...facts, reason, ...(error === undefined ? {} : { err: error }) }, reason ?? status);
  }

  function tellFailure(name: string, facts: object, reason: string): void {
    const { isNews, failures } = failing.failed(name, reason);
    if (isNews) log.error(failures === 1 ? facts : { ...facts, failures }, 'collector failed');
    else log.debug(facts, 'collector failed again');
  }

  function tellRecovery(name: string, whose: object): void {
    const trouble = failing.recovered(name);
    if (trouble === undefined) return;
    log.info({ ...whose, failures: trouble.failures, failing_for_seconds: trouble.seconds }, 'collector recovered');
  }

  /** Logs dropped samples once for each collector and reason; the counter has their number. Lost types are only logged. */
  function tellDrops({ collector, drops }: Runner): void {
    if (drops.first.size === 0 && drops.untyped === undefined) return;
    const { whose, name } = identityOf(collector);
    for (const [reason, detail] of drops.first) {
      if (isNews(`${name} ${reason}`)) log.warn({ ...whose, reason, first: detail }, 'samples dropped');
    }
    if (drops.untyped !== undefined && isNews(`${name} untyped`)) {
      log.warn({ ...whose, first: drops.untyped }, 'in OpenMetrics, families lose their type');
    }
  }

  return (outcomes, runners) => {
    outcomes.forEach(tell);
    runners.forEach(tellDrops);
    return busy.size > 0 || failing.any();
  };
}

/** A collector in the log: its name, and labels of its own, by which collectors that share a name differ. */
interface Identity {
  readonly name: string;
  readonly whose: object;
}

// The same collectors are logged at each scrape.
const identities = new WeakMap<Collector, Identity>();

function identityOf(collector: Collector): Identity {
  const known = identities.get(collector);
  if (known !== undefined) return known;
  const whose = { collector: collector.name, ...collector.constLabels };
  const identity = { whose, name: JSON.stringify(whose) };
  identities.set(collector, identity);
  return identity;
}

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
  /** Whether anything is failing. */
  any(): boolean;
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
    any: () => all.size > 0,
  };
}

/** Logs what targets answered, in a few lines however often they are asked. */
export type SourceLog = (answers: readonly { readonly target: LiveTarget; readonly answer: Answer }[]) => void;

/** Trouble is kept by source and target name, so that a reload does not repeat it. */
export function sourceLog(log: Logger): SourceLog {
  const down = troubles();
  return (answers) => {
    for (const { target, answer } of answers) {
      const facts = { source: target.source.name, ...target.labels };
      const key = JSON.stringify(facts);
      if (answer.up) {
        const trouble = down.recovered(key);
        if (trouble === undefined) continue;
        log.info({ ...facts, failures: trouble.failures, down_for_seconds: trouble.seconds }, 'source is up again');
        continue;
      }
      const { stage, reason, error, nextTryMs, isStuck } = answer;
      const { isNews, failures } = down.failed(key, reason);
      const about = {
        ...facts,
        stage,
        reason,
        ...(failures === 1 ? {} : { failures }),
        ...(nextTryMs === undefined ? {} : { next_try_seconds: Math.round(nextTryMs / 100) / 10 }),
        ...(isStuck ? { previous_call: 'ignores its signal' } : {}),
      };
      if (isNews) log.error(error === undefined ? about : { ...about, err: error }, 'source is down');
      else log.debug(about, 'source is still down');
    }
  };
}
