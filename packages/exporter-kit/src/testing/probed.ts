import { type Logger, silent } from '../collect/context.ts';
import type { Probe } from '../collect/probe.ts';
import { KIT, probeVerdict } from '../collect/scrape/self-metrics.ts';
import { joinParts } from '../collect/scrape/snapshot.ts';
import type { StoreSnapshot } from '../collect/store/store.ts';
import { type GuardOptions, guard } from '../probe/guard.ts';
import { runProbe } from '../probe/run.ts';
import { readBack, type Scraped } from './scrape.ts';

/** The result of a probe. */
export interface Probed extends Scraped {
  readonly success: boolean;
  /** Why it failed, if it did. */
  readonly reason?: string;
}

/** Options of {@link probed}. */
export interface ProbedOptions {
  /** Passed to the probe's `config.parse()`; default `{}`. */
  readonly config?: unknown;
  /** Deadline of the probe's `signal`; default 5000. */
  readonly timeoutMs?: number;
  /** Allowed targets; default: all, including loopback. */
  readonly guard?: GuardOptions;
  readonly log?: Logger;
}

/**
 * Probes a target once, like a request to `/probe`, and returns what was written until the end or the failure. Mistakes that
 * a request would drop and count (a duplicate series, an invalid label) fail the probe here.
 *
 * @example
 * const { success, value } = await probed(http, 'http://127.0.0.1:8080/');
 * expect(value('probe_http_status_code')).toBe(200);
 */
export async function probed(probe: Probe, target: string, options: ProbedOptions = {}): Promise<Probed> {
  const { config = {}, timeoutMs = 5000, log = silent } = options;
  const { status, reason, samples } = await runProbe(probe, {
    target,
    config: probe.config?.parse(config),
    log,
    guard: guard(options.guard ?? { allow: ['*', '127.0.0.0/8', '::1'] }),
    deadline: performance.now() + timeoutMs,
    strict: true,
  });
  checkOwn(samples);
  const scraped = readBack(samples, `probe ${probe.name}`);
  return { ...scraped, success: status === 'ok', ...(reason === undefined ? {} : { reason }) };
}

/** @throws TypeError for a dynamic family that the kit itself writes for every probe. */
function checkOwn({ columns }: StoreSnapshot): void {
  const own = probeVerdict().write({ success: true, durationMs: 0 });
  const fail = (_series: number, detail: string): never => {
    throw new TypeError(detail);
  };
  joinParts([
    { title: KIT, columns: own.columns, conflict: fail },
    { title: 'the probe', columns, conflict: fail },
  ]);
}
