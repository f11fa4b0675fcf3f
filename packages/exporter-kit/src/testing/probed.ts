import { type Logger, silent } from '../collect/context.ts';
import type { Probe } from '../collect/probe.ts';
import { probeVerdict } from '../collect/probe-verdict.ts';
import { joinParts } from '../collect/scrape/join.ts';
import { KIT } from '../collect/scrape/self-metrics.ts';
import type { Frozen } from '../collect/store/store.ts';
import { type GuardOptions, guard } from '../probe/guard.ts';
import { runProbe } from '../probe/run.ts';
import { readBack, type Scraped } from './read-back.ts';

/** What a probe of a target gave. */
export interface Probed extends Scraped {
  readonly success: boolean;
  /** Why it failed. */
  readonly reason?: string;
}

/** How {@link probed} runs a probe. */
export interface ProbedOptions {
  /** Given to the probe's `config.parse()`; default `{}`. */
  readonly config?: unknown;
  /** When `signal` aborts; default 5000. */
  readonly timeoutMs?: number;
  /** Where it may go; default: everywhere, loopback as well. */
  readonly guard?: GuardOptions;
  readonly log?: Logger;
}

/**
 * Probes a target once, as a request would, and reads back what was written until the end or the failure. What a request
 * would drop and count (a series twice, a wrong label) is a failure here.
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

/** @throws TypeError for a family, known only at run time, that the kit writes for every probe. */
function checkOwn({ columns }: Frozen): void {
  const own = probeVerdict().write({ success: true, durationMs: 0 });
  const fail = (_series: number, detail: string): never => {
    throw new TypeError(detail);
  };
  joinParts([
    { title: KIT, columns: own.columns, conflict: fail },
    { title: 'the probe', columns, conflict: fail },
  ]);
}
