import { careful, type Logger, silent } from '../collect/context.ts';
import type { Exporter } from '../collect/exporter.ts';
import { probeVerdict } from '../collect/probe-verdict.ts';
import { joinParts, type Snapshot, snapshotOf } from '../collect/scrape/snapshot.ts';
import { drop } from '../collect/store/drops.ts';
import { acceptsGzip, negotiate } from '../encode/negotiate.ts';
import { deadlineOf, type Patience } from '../serve/answer/deadline.ts';
import { type Answer, type Asked, plain } from '../serve/answer/http-message.ts';
import { type ProbeLimits, places } from '../serve/answer/limiter.ts';
import { type Compression, renderer } from '../serve/answer/render.ts';
import { debugText } from './debug.ts';
import { droppedOf, dropsLog } from './dropped.ts';
import { countProbeDrops, type ProbeDrops } from './dropped-samples.ts';
import { type GuardOptions, guard } from './guard.ts';
import { masker } from './mask.ts';
import { type Modules, parseModules } from './modules.ts';
import { probeLog } from './probe-log.ts';
import { type AskedProbe, readAskedProbe } from './probe-query.ts';
import { type RecentProbes, recentProbes } from './recent.ts';
import { probesPage } from './recent-page.ts';
import { type ProbeOutcome, runProbe } from './run.ts';

/** How probes are answered. */
export interface ProbingOptions extends Patience, Compression, ProbeLimits {
  /** Modules in place of the exporter's; see {@link parseModules}. */
  readonly modules?: Modules;
  /** Where probes may go; default: everywhere but to special addresses. */
  readonly guard?: GuardOptions;
  /** How many recent probes are remembered, and as many failed ones before them; default 100. */
  readonly keepProbes?: number;
  /** Where they are remembered, in place of that. */
  readonly recentProbes?: RecentProbes;
  /** Where what their runs drop is counted; default: nowhere but in the log. */
  readonly probeDrops?: ProbeDrops;
  readonly log?: Logger;
}

/** What an exporter with probes answers beside its metrics. */
export interface ProbeRoutes {
  /** `GET /probe?target=…&module=…` */
  probe(asked: Asked): Promise<Answer>;
  /** The recent ones. */
  recent(asked: Asked): Promise<Answer>;
}

/**
 * Makes the functions that answer for an exporter's probes.
 *
 * @throws Error when modules or rules make no sense.
 */
export function probeRoutes(exporter: Exporter, options: ProbingOptions = {}): ProbeRoutes {
  const log = careful(options.log ?? silent);
  const { keepProbes = 100, recentProbes: recent = recentProbes(keepProbes) } = options;
  const { probeDrops = countProbeDrops(exporter) } = options;
  const tellOnce = dropsLog(log);
  const modules = options.modules ?? parseModules(exporter.probes, exporter.modules);
  const guarded = guard(options.guard);
  const room = places(options);
  const verdict = probeVerdict();
  const render = renderer(options);

  async function run({ target, module, debug }: AskedProbe, asked: Asked, free: () => void): Promise<Answer> {
    const { probe, config, timeoutMs = Infinity } = module;
    const started = performance.now();
    const given = deadlineOf(asked.header('x-prometheus-scrape-timeout-seconds'), started, options);
    const deadline = Math.min(given, started + timeoutMs);
    const mask = masker(module.written, module.secrets);
    // A scheme may be missing before the user.
    const shown = mask(target).replace(/^[^/?#]*@/, '<secret>@');
    const about = { module: module.name, target: shown.slice(0, 500) };
    const heard = probeLog(log, about, mask);
    const outcome = await runProbe(probe, {
      target,
      config,
      log: heard.log,
      guard: guarded,
      deadline,
      gone: asked.signal,
      dropped: probeDrops.of(probe.name),
    });
    // Not before its call is over, so that probes which ignore their signal can't pile up.
    void outcome.over.then(free);
    if (asked.signal.aborted) outcome.samples.release();
    asked.signal.throwIfAborted();

    const { status, durationMs } = outcome;
    const success = status === 'ok';
    const reason = outcome.reason === undefined ? undefined : mask(outcome.reason);
    const snapshot = answerOf(outcome);
    const dropped = droppedOf(outcome.drops, mask);
    for (const facts of dropped) heard.log.warn(facts, 'samples dropped');
    tellOnce(probe.name, dropped);
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
      const format = negotiate(asked.header('accept'));
      return await render(snapshot, format, acceptsGzip(asked.header('accept-encoding')), asked.signal);
    }
    const text = debug ? debugText(module, outcome, { reason, dropped, lines: heard.lines, snapshot }) : `${reason}\n`;
    snapshot.release();
    return plain(status === 'refused' ? 403 : 200, text);
  }

  function answerOf({ samples, drops, status, durationMs }: ProbeOutcome): Snapshot {
    const own = verdict.write({ success: status === 'ok', durationMs });
    const parts = [own, samples].map(({ columns }) => ({
      title: 'the probe',
      columns,
      conflict(series: number, detail: string) {
        for (let i = 0; i < series; i++) drop(drops, 'family_conflict', () => detail);
      },
    }));
    return snapshotOf(joinParts(parts), () => {
      own.release();
      samples.release();
    });
  }

  return {
    async probe(asked) {
      const wanted = readAskedProbe(asked, modules);
      if (typeof wanted === 'string') return plain(400, `${wanted}\n`);
      const free = room.take(wanted.target);
      if (typeof free === 'string') return plain(503, `${free}; try again in a second\n`, { 'retry-after': '1' });
      return run(wanted, asked, free);
    },
    recent: probesPage(`${exporter.title}: probes`, modules, recent),
  };
}
