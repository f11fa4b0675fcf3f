import { type Logger, safeLogger, silent } from '../collect/context.ts';
import type { Guard } from '../collect/destination.ts';
import type { Exporter } from '../collect/exporter.ts';
import { sharedLookup, systemLookup } from '../collect/lookup.ts';
import { acceptsGzip, negotiate } from '../encode/negotiate.ts';
import {
  type Compression,
  deadlineOf,
  type HttpRequest,
  type HttpResponse,
  type ScrapeTimeouts,
  snapshotResponder,
  textResponse,
} from '../serve/answer/http-message.ts';
import { limiter } from '../serve/answer/limiter.ts';
import { throttle } from '../time/throttle.ts';
import { debugText } from './debug.ts';
import { countDroppedProbeSamples, type DroppedProbeSamples } from './dropped-samples.ts';
import { type GuardOptions, guard } from './guard.ts';
import { MASK, settingsMasker } from './mask.ts';
import { type Module, type Modules, proberOf } from './modules.ts';
import type { OpenTargets } from './open-targets.ts';
import { type ProbeLine, probeLog } from './probe-log.ts';
import { type ProbeQuery, parseProbeQuery } from './probe-query.ts';
import { type ProbeResult, probeVerdictWriter } from './probe-result.ts';
import { type RecentProbes, recentProbes } from './recent.ts';
import { type ProbesStatus, probesStatus } from './recent-status.ts';
import { type ProbeRun, runProbe } from './run.ts';
import { runSource } from './run-source.ts';
import { probedSettings } from './source-target.ts';

/** How probes are answered. */
export interface ProbingOptions extends ScrapeTimeouts, Compression {
  /** Where probes may go; default: everywhere except special addresses. */
  readonly guard?: GuardOptions;
  /** Maximum concurrent probes; default 200, 0 for no limit. Others wait, for three quarters of their timeout at most. */
  readonly maxProbes?: number;
  /** Maximum concurrent probes of one target; default 8, 0 for no limit. */
  readonly maxProbesPerTarget?: number;
  /** How many recent probes to keep, plus as many earlier failed ones; default 100. */
  readonly keepProbes?: number;
  /** Where to keep them, instead of a new list of `keepProbes`. */
  readonly recentProbes?: RecentProbes;
  /** Counts the samples that probes drop. */
  readonly probeDrops?: DroppedProbeSamples;
  /** Targets of probed sources; needed for modules of sources. */
  readonly openTargets?: OpenTargets;
  readonly log?: Logger;
}

/** Handlers of an exporter with probes. */
export interface ProbeRoutes {
  /** `GET /probe?target=…&module=…` */
  probe(request: HttpRequest): Promise<HttpResponse>;
  /** The same probe, under the same rules and limits, for a page. */
  ask(request: HttpRequest): Promise<ProbeAnswer>;
  /** What can be probed, and what was. */
  status(): ProbesStatus;
}

/** What a probe found, or why it was not started: a response with a text. */
export type ProbeAnswer = ProbeFinding | HttpResponse;

/** What a probe found, without secrets. Release its snapshot. */
export interface ProbeFinding extends Pick<ProbeResult, 'durationMs' | 'snapshot' | 'dropped'> {
  readonly module: Module;
  /** Why it failed. */
  readonly reason: string | undefined;
  readonly outcome: ProbeResult['status'];
  readonly lines: readonly ProbeLine[];
}

/** @throws Error for invalid rules. */
export function probeRoutes(exporter: Exporter, modules: Modules, options: ProbingOptions = {}): ProbeRoutes {
  const log = safeLogger(options.log ?? silent);
  const { keepProbes = 100, recentProbes: recent = recentProbes(keepProbes) } = options;
  const { probeDrops = countDroppedProbeSamples(exporter), maxProbes = 200, maxProbesPerTarget = 8 } = options;
  // The counter says how many; the log says once what kind.
  const isNews = throttle();
  const guards = guardsOf(modules, options.guard);
  const enter = limiter({ total: maxProbes, perKey: maxProbesPerTarget });
  const verdict = probeVerdictWriter();
  const render = snapshotResponder(options);

  async function run(
    { target, module }: ProbeQuery,
    request: HttpRequest,
    latest: number,
    leave: () => void,
  ): Promise<ProbeAnswer> {
    const deadline = Math.min(latest, performance.now() + (module.timeoutMs ?? Infinity));
    const mask = settingsMasker(module.written, module.secrets);
    // A target may have a user but no scheme.
    const shown = mask(target).replace(/^[^/?#]*@/, `${MASK}@`);
    const about = { module: module.name, target: shown.slice(0, 500) };
    const heard = probeLog(log, about, mask);
    const common = { target, guard: guards.get(module)!, log: heard.log, deadline, gone: request.signal };
    const result = await resultOf(module, common, mask).catch((error: unknown) => {
      leave();
      throw error;
    });
    if (typeof result === 'string') {
      leave();
      return textResponse(400, `${mask(result)}\n`);
    }
    // Not before the call has ended: probes that ignore their signal must not pile up.
    void result.over.then(leave);
    if (request.isGone) result.snapshot.release();
    request.signal.throwIfAborted();

    const { status, durationMs, reason, snapshot, dropped } = result;
    const success = status === 'ok';
    for (const facts of dropped) {
      heard.log.warn(facts, 'samples dropped');
      const { reason: why, first } = facts;
      if (isNews(`${proberOf(module)} ${why}`))
        log.warn({ probe: proberOf(module), reason: why, first }, 'samples dropped');
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
    return { module, outcome: status, durationMs, reason, snapshot, dropped, lines: heard.lines };
  }

  async function ask(request: HttpRequest, query: ProbeQuery): Promise<ProbeAnswer> {
    const now = performance.now();
    const latest = deadlineOf(request.header('x-prometheus-scrape-timeout-seconds'), now, options);
    // A probe that starts later would be short of time, and blame the target.
    const leave = await enter({ key: query.target, until: (now + latest) / 2, signal: request.signal });
    if (typeof leave !== 'string') return run(query, request, latest, leave);
    const limit = leave === 'total' ? `maximum of ${maxProbes}` : `maximum of ${maxProbesPerTarget} for this target`;
    return textResponse(503, `too many concurrent probes (${limit}); try again in a second\n`, {
      'retry-after': '1',
    });
  }

  /** @returns a text for the client if the target is invalid. */
  async function resultOf(
    module: Module,
    run: Pick<ProbeRun, 'target' | 'log' | 'guard' | 'deadline'> & { readonly gone: AbortSignal },
    mask: (text: string) => string,
  ): Promise<ProbeResult | string> {
    if (!('source' in module)) {
      const { probe, config } = module;
      return verdict.ofProbe(await runProbe(probe, { ...run, config, dropped: probeDrops.of(probe.name) }), mask);
    }
    const settings = probedSettings(module, run.target);
    if (typeof settings === 'string') return settings;
    const onlyKnown = (module.targets ?? options.guard?.allow) !== undefined;
    const { reason, ...found } = await runSource(options.openTargets!, module, { ...run, settings, onlyKnown });
    return verdict.ofSource({ ...found, ...(reason === undefined ? {} : { reason: mask(reason) }) });
  }

  return {
    async probe(request) {
      const query = parseProbeQuery(request, modules);
      if (typeof query === 'string') return textResponse(400, `${query}\n`);
      const found = await ask(request, query);
      if ('body' in found) return found;
      const { outcome, snapshot, reason } = found;
      if (outcome !== 'refused' && !query.debug) {
        const format = negotiate(request.header('accept'));
        return render(snapshot, format, acceptsGzip(request.header('accept-encoding')), request);
      }
      const text = query.debug ? debugText(found) : `${reason}\n`;
      snapshot.release();
      return textResponse(outcome === 'refused' ? 403 : 200, text);
    },
    async ask(request) {
      const query = parseProbeQuery(request, modules);
      return typeof query === 'string' ? textResponse(400, `${query}\n`) : ask(request, query);
    },
    status: () => probesStatus(modules, recent.list()),
  };
}

/** Each module's guard: its own targets limit the exporter's. */
function guardsOf(modules: Modules, options: GuardOptions = {}): ReadonlyMap<Module, Guard> {
  const lookup = sharedLookup(systemLookup);
  const common = guard(options, lookup);
  const own = (targets: readonly string[]): Guard => guard({ ...options, within: targets }, lookup);
  return new Map(
    Array.from(modules.values(), (module) => [module, module.targets === undefined ? common : own(module.targets)]),
  );
}
