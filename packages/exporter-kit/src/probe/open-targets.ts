import { isDeepStrictEqual } from 'node:util';
import type { Collector } from '../collect/collector.ts';
import type { Logger } from '../collect/context.ts';
import type { Guard, Resolve } from '../collect/destination.ts';
import type { Exporter } from '../collect/exporter.ts';
import { type Gatherer, gatherer } from '../collect/scrape/gather.ts';
import type { Module, Modules, SourceModule } from './modules.ts';
import type { ProbedSettings } from './source-target.ts';

/** How collectors of probed sources run. */
export interface ProbedCollectors {
  /** All collectors of the exporter. */
  readonly collectors: readonly Collector[];
  /** Those that run where a module does not name others. */
  readonly enabled: readonly Collector[];
  /** Settings of each collector by its name, for its `config.parse()`. */
  readonly settings?: { readonly [collector: string]: unknown };
  /** Results of `config.parse()`, for collectors whose settings are parsed already. */
  readonly configs?: ReadonlyMap<Collector, unknown>;
}

/** How long targets stay open. */
export interface OpenTargetsOptions {
  /** How long an unused target stays open; default 5 min. */
  readonly idleTimeoutMs?: number;
  /** Most unused targets that stay open; default 100. Beyond it, the longest unused is closed. */
  readonly maxIdle?: number;
}

/** A probed target in use. */
export interface OpenTarget {
  readonly gatherer: Gatherer;
  /** Whether anything was resolved since the last call of `open` or `read`, so that something may have been sent. */
  readonly begun: boolean;
  /** To be called once. */
  release(): void;
}

/** Targets of probed sources, which stay open between probes. They are never shared between modules. */
export interface OpenTargets {
  /**
   * Uses a target; it is opened when its gatherer needs it.
   *
   * @param guard judges where it leads, also for later probes until one brings another.
   * @param log gets the lines about it while it is used.
   */
  use(module: SourceModule, settings: ProbedSettings, guard: Guard, log: Logger): OpenTarget;
  /** To be called before the first `use`, and at each reload: targets of modules that have changed are closed. */
  configure(modules: Modules, collectors: ProbedCollectors, options?: OpenTargetsOptions): void;
  /** Closes all; resolves when none is open. */
  close(): Promise<void>;
}

interface Entry {
  readonly settings: ProbedSettings;
  module: SourceModule;
  gatherer: Gatherer;
  /** Of the configuration that `gatherer` was made under. */
  generation: number;
  guard: Guard;
  begun: boolean;
  readonly logs: Set<Logger>;
  idle: NodeJS.Timeout | undefined;
  /** Whether it is to be closed when it is not used any more. */
  retired: boolean;
}

/** @param unusedLog gets lines about targets that no probe uses, at `debug`. */
export function openTargets(exporter: Exporter, unusedLog: Logger): OpenTargets {
  let collectors: ProbedCollectors = { collectors: [], enabled: [] };
  let [idleTimeoutMs, maxIdle] = [IDLE_TIMEOUT_MS, MAX_IDLE];
  let generation = 0;
  const entries = new Map<string, Entry>();
  // Unused ones, in the order in which they were last used.
  const idle = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();

  function gathererOf(entry: Omit<Entry, 'gatherer'>, earlier?: Gatherer): Gatherer {
    const { module, settings } = entry;
    const { source } = module;
    const wanted = module.collectors;
    const running =
      wanted === undefined
        ? collectors.enabled.filter((one) => one.source === source)
        : collectors.collectors.filter((one) => one.source === source && wanted.includes(one.name));
    return gatherer(exporter, running, {
      log: toAll(entry.logs, unusedLog),
      ...(collectors.settings && { settings: collectors.settings }),
      ...(collectors.configs && { configs: collectors.configs }),
      targets: new Map([[source, [settings]]]),
      resolve: (signal) => resolveFor(entry, signal),
      ...(earlier && { earlier }),
    });
  }

  function close(key: string, entry: Entry): void {
    if (entries.get(key) === entry) entries.delete(key);
    if (idle.get(key) === entry) idle.delete(key);
    clearTimeout(entry.idle);
    const closed: Promise<void> = entry.gatherer.sources.retire().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  function release(key: string, entry: Entry, log: Logger): void {
    entry.logs.delete(log);
    if (entry.logs.size > 0) return;
    if (entry.retired) {
      close(key, entry);
      return;
    }
    idle.set(key, entry);
    entry.idle = setTimeout(() => close(key, entry), idleTimeoutMs).unref();
    if (idle.size <= maxIdle) return;
    const [longest] = idle;
    close(...longest!);
  }

  return {
    use(module, settings, guard, log) {
      const key = JSON.stringify([module.name, settings.settings[module.source.target!]]);
      let entry = entries.get(key);
      if (entry === undefined) {
        const made = {
          settings,
          module,
          generation,
          guard,
          begun: false,
          logs: new Set<Logger>(),
          idle: undefined,
          retired: false,
        };
        entry = Object.assign(made, { gatherer: gathererOf(made) });
        entries.set(key, entry);
      } else if (entry.generation !== generation) {
        entry.gatherer = gathererOf(entry, entry.gatherer);
        entry.generation = generation;
      }
      const one = entry;
      idle.delete(key);
      clearTimeout(one.idle);
      one.guard = guard;
      one.logs.add(log);
      return {
        gatherer: one.gatherer,
        get begun() {
          return one.begun;
        },
        release: () => release(key, one, log),
      };
    },
    configure(modules, next, options = {}) {
      collectors = next;
      ({ idleTimeoutMs = IDLE_TIMEOUT_MS, maxIdle = MAX_IDLE } = options);
      generation++;
      for (const [key, entry] of [...entries]) {
        const now = modules.get(entry.module.name);
        if (now !== undefined && isSame(entry.module, now)) entry.module = now as SourceModule;
        else if (entry.logs.size > 0) {
          entry.retired = true;
          entries.delete(key);
        } else close(key, entry);
      }
    },
    async close() {
      for (const [key, entry] of [...entries]) close(key, entry);
      await Promise.all(closing);
    },
  };
}

const IDLE_TIMEOUT_MS = 5 * 60_000;
const MAX_IDLE = 100;

/** Whether clients of one module may be used for the other. */
function isSame(a: SourceModule, b: Module): boolean {
  return 'source' in b && a.source === b.source && isDeepStrictEqual(a.settings, b.settings);
}

/** Resolves by the guard of the latest probe, and remembers whether it has let anything through. */
function resolveFor(entry: Pick<Entry, 'guard' | 'begun'>, signal: AbortSignal): Resolve {
  const { resolve } = entry.guard(signal);
  entry.begun = false;
  return async (where) => {
    const resolved = await resolve(where);
    entry.begun = true;
    return resolved;
  };
}

/** A log whose lines go to all who use a target, or at `debug` to `other`. */
function toAll(logs: ReadonlySet<Logger>, other: Logger): Logger {
  const at =
    (level: keyof Logger) =>
    (facts: object, message: string): void => {
      if (logs.size === 0) other.debug(facts, message);
      for (const log of logs) log[level](facts, message);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
