import { setTimeout as after } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../../collect/context.ts';
import { canProbe, type Exporter } from '../../collect/exporter.ts';
import { type Gatherer, gatherer } from '../../collect/scrape/gather.ts';
import type { SelfMetrics } from '../../collect/scrape/self-metrics.ts';
import { countDroppedProbeSamples } from '../../probe/dropped-samples.ts';
import type { Modules } from '../../probe/modules.ts';
import { openTargets } from '../../probe/open-targets.ts';
import { recentProbes } from '../../probe/recent.ts';
import { type App, app } from '../../serve/app.ts';
import { lazyPages } from '../../serve/lazy-pages.ts';
import { requestMetrics } from '../../serve/scrape/metrics.ts';
import { listen } from '../../serve/serve.ts';
import type { WebConfigStore } from '../../serve/web/web-config-store.ts';
import { type Configuration, configure } from '../config/configuration.ts';
import type { ConfigInputs } from '../config/declared.ts';
import { watchFiles } from '../config/watched-files.ts';
import type { LevelLogger } from './log.ts';
import { askedToEnd, endByForceAfter } from './process.ts';
import { lifecycle, reloader } from './reload.ts';
import { serviceManager } from './service-manager.ts';
import { surviveStrayErrors } from './stray-errors.ts';

/** The exporter under one configuration. */
interface Live {
  readonly configuration: Configuration;
  readonly live: Gatherer;
  readonly answer: App;
}

// Interval of polling watched files.
const WATCH_MS = 2000;

/** Serves, with reloads, until a signal ends the process; resolves to its exit code. */
export async function serveExporter(inputs: ConfigInputs, first: Configuration, log: LevelLogger): Promise<number> {
  const { exporter } = inputs;
  const traffic = requestMetrics();
  const probeDrops = countDroppedProbeSamples(exporter);
  const recent = recentProbes(first.probe.keepProbes);
  const opened = openTargets(exporter, log);
  const pages = lazyPages();
  const ending = askedToEnd();
  const webFile = first.web.configFile === '' ? undefined : await openWebFile(first.web.configFile, exporter, log);
  let ready = true;

  const manager = serviceManager(log);
  const reloads = reloader(exporter, log, () => manager.reloading(reload));
  async function reload(): Promise<void> {
    const next = await configure(inputs, current.configuration);
    await webFile?.web.reload();
    const late = startOnly(first, next);
    if (late.length > 0) log.warn({ flags: late.join(',') }, 'these flags take effect only after a restart');
    const replaced = current.live;
    current = enliven(next, replaced);
    left = [...left, replaced].filter((old) => old.overdue().length > 0);
    log.level = next.log.level;
  }

  function enliven(configuration: Configuration, earlier?: Gatherer): Live {
    const { running, collectors, collectorSettings: settings, configs, targets, web } = configuration;
    const { allow, deny, ...limits } = configuration.probe;
    const bare = web.withoutOwnMetrics;
    const selfMetrics = bare
      ? []
      : first.files.size > 0
        ? [traffic.selfMetrics, reloads.selfMetrics]
        : [traffic.selfMetrics];
    if (canProbe(configuration.inputs.exporter) && !bare) selfMetrics.push(probeDrops.selfMetrics);
    if (webFile !== undefined && !bare) selfMetrics.push(webFile.selfMetrics);
    const started = { log, settings, configs, targets, selfMetrics, ...(earlier && { earlier }) };
    const live = gatherer(configuration.inputs.exporter, running, started);
    const disabled = collectors.filter((one) => !running.includes(one)).map(({ name }) => name);
    const facts = () => ({ disabled, config: reloads.state });
    const modules = (configuration.sections.get('modules') ?? new Map()) as Modules;
    const probes = {
      guard: { deny, ...(allow && { allow }) },
      ...limits,
      recentProbes: recent,
      probeDrops,
      log,
      modules,
      openTargets: opened,
      shard: configuration.shard,
    };
    const answer = app(live, { ...web, ...probes, traffic, ready: () => ready, facts, pages });
    pages
      .record(live, web.history)
      .catch((err: unknown) => log.warn({ err }, 'scrapes are not recorded for the pages'));
    opened.configure(modules, { collectors, enabled: running, settings, configs }, configuration.open);
    return { configuration, live, answer };
  }

  let current = enliven(first);
  // Gatherers replaced while one of their collectors hung.
  let left: Gatherer[] = [];

  surviveStrayErrors(log);
  process.on('SIGHUP', () => void reloads.reload('SIGHUP'));
  const draining = (): void => {
    ready = false;
  };
  const serving = lifecycle((request) => current.answer(request), first.run.lifecycle, reloads.reload);
  const { urls, close } = await listen(serving, {
    ...first.web,
    web: webFile?.web,
    name: exporter.name,
    log,
    draining,
  });
  if (first.run.watch)
    watchFiles(
      () => current.configuration.files,
      () => reloads.reload('a changed file'),
      WATCH_MS,
    );
  const collectors = current.live.collectors.map((c) => c.name).join(',');
  for (const address of urls) log.info({ address, collectors }, 'listening');
  manager.ready(`listening on ${urls.join(', ')}`);

  const signal = await ending;
  const told = manager.stopping();
  draining();
  const { drainDelayMs } = current.configuration.run;
  if (drainDelayMs > 0) {
    log.info(
      { signal, delay_seconds: drainDelayMs / 1000 },
      'draining: not ready, still answering until the delay is over',
    );
    await after(drainDelayMs);
  }
  log.info({ signal }, 'shutting down; requests in flight are finished');
  await close();
  await Promise.all([current.live.sources.retire(), opened.close()]);
  const overdue = [...left, current.live].flatMap((one) => one.overdue()).map(({ name }) => name);
  if (overdue.length > 0) {
    log.warn({ collectors: overdue.join(',') }, 'collectors still running past their deadline; exiting without them');
    await endByForceAfter(2000);
  }
  await told;
  return 0;
}

/** Flags that are read only at the start and have changed since. */
function startOnly(first: Configuration, next: Configuration): string[] {
  const differs = (name: string): boolean =>
    !isDeepStrictEqual(first.sources.values.get(name), next.sources.values.get(name));
  return next.flags.filter((flag) => flag.startOnly && differs(flag.name)).map(({ name }) => name);
}

/** The web configuration of a process, and metrics about it. */
export interface WebFile {
  readonly web: WebConfigStore;
  readonly selfMetrics: SelfMetrics<undefined>;
}

/**
 * Reads the file of `--web.config.file`.
 *
 * @throws Error of one line that names file, line and key.
 */
export async function openWebFile(file: string, { namespace }: Exporter, log: Logger): Promise<WebFile> {
  const [{ openWebConfig }, { webConfigMetrics }] = await Promise.all([
    import('../../serve/web/web-config-store.ts'),
    import('../../serve/web/web-config-metrics.ts'),
  ]);
  const web = await openWebConfig(file, log);
  return { web, selfMetrics: webConfigMetrics(namespace, web) };
}
