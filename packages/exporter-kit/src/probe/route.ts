import { type Logger, safeLogger, silent } from '../collect/context.ts';
import type { Exporter } from '../collect/exporter.ts';
import { countingPart, snapshotOfParts } from '../collect/scrape/join.ts';
import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { probeVerdict } from '../collect/scrape/verdict.ts';
import { acceptsGzip, negotiate } from '../encode/negotiate.ts';
import { deadlineOf, type ScrapeTimeouts } from '../serve/answer/deadline.ts';
import { type HttpRequest, type HttpResponse, textResponse } from '../serve/answer/http-message.ts';
import { limiter } from '../serve/answer/limiter.ts';
import { type Compression, snapshotResponder } from '../serve/answer/render.ts';
import { throttle } from '../time/throttle.ts';
import { debugText } from './debug.ts';
import { countDroppedProbeSamples, type DroppedProbeSamples, droppedOf } from './dropped-samples.ts';
import { type GuardOptions, guard } from './guard.ts';
import { MASK, masker } from './mask.ts';
import { type Modules, parseModules } from './modules.ts';
import { probeLog } from './probe-log.ts';
import { type ProbeQuery, parseProbeQuery } from './probe-query.ts';
import { type RecentProbes, recentProbes } from './recent.ts';
import { probesPage } from './recent-page.ts';
import { type ProbeOutcome, runProbe } from './run.ts';

/** How probes are answered. */
export interface ProbingOptions extends ScrapeTimeouts, Compression {
  /** Replaces the exporter's modules; see {@link parseModules}. */
  readonly modules?: Modules;
  /** Where probes may go; default: everywhere except special addresses. */
  readonly guard?: GuardOptions;
  /** Maximum concurrent probes; default 200, 0 for no limit. */
  readonly maxProbes?: number;
  /** Maximum concurrent probes of one target; default 8, 0 for no limit. */
  readonly maxProbesPerTarget?: number;
  /** How many recent probes to keep, plus as many earlier failed ones; default 100. */
  readonly keepProbes?: number;
  /** Where to keep them, instead of a new list of `keepProbes`. */
  readonly recentProbes?: RecentProbes;
  /** Counts the samples that probes drop. */
  readonly probeDrops?: DroppedProbeSamples;
  readonly log?: Logger;
}

/** Handlers of an exporter with probes. */
export interface ProbeRoutes {
  /** `GET /probe?target=…&module=…` */
  probe(request: HttpRequest): Promise<HttpResponse>;
  /** `GET /-/probes` */
  recent(request: HttpRequest): Promise<HttpResponse>;
}

/** @throws Error for invalid modules or rules. */
export function probeRoutes(exporter: Exporter, options: ProbingOptions = {}): ProbeRoutes {
  const log = safeLogger(options.log ?? silent);
  const { keepProbes = 100, recentProbes: recent = recentProbes(keepProbes) } = options;
  const { probeDrops = countDroppedProbeSamples(exporter), maxProbes = 200, maxProbesPerTarget = 8 } = options;
  // The counter says how many; the log says once what kind.
  const isNews = throttle();
  const modules = options.modules ?? parseModules(exporter.probes, exporter.modules);
  const guarded = guard(options.guard);
  const enter = limiter({ total: maxProbes, perKey: maxProbesPerTarget });
  const verdict = probeVerdict();
  const render = snapshotResponder(options);

  async function run(
    { target, module, debug }: ProbeQuery,
    request: HttpRequest,
    leave: () => void,
  ): Promise<HttpResponse> {
    const { probe, config, timeoutMs = Infinity } = module;
    const started = performance.now();
    const given = deadlineOf(request.header('x-prometheus-scrape-timeout-seconds'), started, options);
    const deadline = Math.min(given, started + timeoutMs);
    const mask = masker(module.written, module.secrets);
    // A target may have a user but no scheme.
    const shown = mask(target).replace(/^[^/?#]*@/, `${MASK}@`);
    const about = { module: module.name, target: shown.slice(0, 500) };
    const heard = probeLog(log, about, mask);
    const outcome = await runProbe(probe, {
      target,
      config,
      log: heard.log,
      guard: guarded,
      deadline,
      gone: request.signal,
      dropped: probeDrops.of(probe.name),
    });
    // Not before the call has ended: probes that ignore their signal must not pile up.
    void outcome.over.then(leave);
    if (request.signal.aborted) outcome.samples.release();
    request.signal.throwIfAborted();

    const { status, durationMs } = outcome;
    const success = status === 'ok';
    const reason = outcome.reason === undefined ? undefined : mask(outcome.reason);
    const snapshot = snapshotFrom(outcome);
    const dropped = droppedOf(outcome.drops, mask);
    for (const facts of dropped) {
      heard.log.warn(facts, 'samples dropped');
      const { reason: why, first } = facts;
      if (isNews(`${probe.name} ${why}`)) log.warn({ probe: probe.name, reason: why, first }, 'samples dropped');
    }
    recent.add({
      at: new Date().toISOString(),
      ...about,
      success,
      durationSeconds: durationMs / 1000,
      ...(reason === undefined ? {} : { reason }),
      log: heard.lines,
    });
    log.debug({ ...about, status, duration_seconds: durationMs / 1000, ...(success ? {} : { reason }) }, 'probe ended');
    if (status !== 'refused' && !debug) {
      const format = negotiate(request.header('accept'));
      return await render(snapshot, format, acceptsGzip(request.header('accept-encoding')), request.signal);
    }
    const text = debug ? debugText(module, outcome, { reason, dropped, lines: heard.lines, snapshot }) : `${reason}\n`;
    snapshot.release();
    return textResponse(status === 'refused' ? 403 : 200, text);
  }

  function snapshotFrom({ samples, drops, status, durationMs }: ProbeOutcome): Snapshot {
    const own = verdict.write({ success: status === 'ok', durationMs });
    const parts = [own, samples].map(({ columns }) => countingPart('the probe', columns, drops));
    return snapshotOfParts(parts, () => {
      own.release();
      samples.release();
    });
  }

  return {
    async probe(request) {
      const query = parseProbeQuery(request, modules);
      if (typeof query === 'string') return textResponse(400, `${query}\n`);
      const leave = enter(query.target);
      if (typeof leave !== 'string') return run(query, request, leave);
      const limit = leave === 'total' ? `maximum of ${maxProbes}` : `maximum of ${maxProbesPerTarget} for this target`;
      return textResponse(503, `too many concurrent probes (${limit}); try again in a second\n`, {
        'retry-after': '1',
      });
    },
    recent: probesPage(`${exporter.title}: probes`, modules, recent),
  };
}
