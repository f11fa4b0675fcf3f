import { caught, messageOf } from '../../errors/thrown.ts';
import type { Collector } from '../collector.ts';
import { type Logger, silent } from '../context.ts';
import type { LiveTarget } from '../source/live-target.ts';
import type { SourceSet } from '../source/source-set.ts';
import { type Runner, runner } from './runner.ts';

/** How runners of several collectors are made. */
export interface RunnersOptions {
  readonly log?: Logger;
  /** Each collector's settings, by its name, for its `config.parse()`. */
  readonly settings?: { readonly [collector: string]: unknown };
  /** Results of `config.parse()`, for collectors whose settings are parsed already. */
  readonly configs?: ReadonlyMap<Collector, unknown>;
  /** Throw instead of dropping samples; for tests. */
  readonly strict?: boolean;
  /** Runners to take over. */
  readonly earlier?: {
    /** A collector's runner for this target, if it was made with these settings. */
    runnerOf(collector: Collector, settings: unknown, target?: LiveTarget): Runner | undefined;
  };
}

/**
 * Each collector's runners, of a source's one for each target: the earlier ones, or new ones.
 *
 * @throws Error naming the collector that does not accept its settings.
 */
export function runnersOf(
  collectors: readonly Collector[],
  sources: SourceSet,
  { log = silent, settings = {}, configs, strict = false, earlier }: RunnersOptions,
): Runner[] {
  return collectors.flatMap((collector) => {
    const theirs = settings[collector.name];
    const targets =
      collector.source === undefined
        ? [undefined]
        : sources.targets.filter(({ source }) => source === collector.source);
    let config: { readonly parsed: unknown } | undefined;
    return targets.map((target) => {
      const known = earlier?.runnerOf(collector, theirs, target);
      if (known !== undefined) return known;
      config ??= { parsed: configs?.has(collector) ? configs.get(collector) : configOf(collector, theirs) };
      return runner(collector, config.parsed, { log, strict, ...(target && { target }) });
    });
  });
}

/** @throws Error naming the collector, if it does not accept the settings. */
export function configOf(collector: Collector, settings: unknown = {}): unknown {
  if (collector.config === undefined) return undefined;
  try {
    return collector.config.parse(settings);
  } catch (cause) {
    throw new Error(`collector ${collector.name} does not accept its settings: ${messageOf(cause)}`, {
      cause: caught(cause),
    });
  }
}
