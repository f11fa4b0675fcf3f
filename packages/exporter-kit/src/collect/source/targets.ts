import { caught, messageOf, property } from '../../errors/thrown.ts';
import type { Collector } from '../collector.ts';
import type { Source } from './source.ts';

/** One thing that a source's settings name: where it is, and how to open it. */
export interface Target {
  /** Its name below `targets`, the value of the source's label; absent for the only target of settings without `targets`. */
  readonly name?: string;
  /**
   * Its settings as plain values, contents of secret files included: input of the source's `config.parse()`. A reload keeps
   * the client of a target whose name and settings are deeply equal.
   */
  readonly settings: unknown;
  /** What `config.parse()` returned; `undefined` without one. */
  readonly config: unknown;
}

/**
 * The fixed targets of each source, read from settings. Made by `resolveTargets` in code and by `run/config` from flags,
 * environment and files; a new one replaces it at a reload. A source that is absent has no fixed target.
 */
export type ResolvedTargets = ReadonlyMap<Source, readonly Target[]>;

/**
 * The sources that collectors name, in their order.
 *
 * @throws TypeError when two of them have one name.
 */
export function sourcesOf(collectors: readonly Pick<Collector, 'source'>[]): readonly Source[] {
  const sources = new Map<string, Source>();
  for (const { source } of collectors) {
    if (source === undefined) continue;
    const { name } = source;
    if ((sources.get(name) ?? source) !== source) {
      throw new TypeError(
        `exporter: two sources are called "${name}"; make one at module level for all, or rename one.`,
      );
    }
    sources.set(name, source);
  }
  return [...sources.values()];
}

/** Settings of sources by their names: those of one target, or what its targets begin with, and the `targets`. */
export interface SourceSettings {
  readonly [source: string]: unknown;
}

/**
 * Reads the targets of sources from settings, as `serve(exporter, { sources })` has them. A source without settings has one
 * target with default settings, unless `probed` says that it can do without.
 *
 * @throws Error for settings of an unknown source, or settings that a source rejects; it names source and target.
 */
export function resolveTargets(
  sources: readonly Source[],
  given: SourceSettings = {},
  probed: readonly Source[] = [],
): ResolvedTargets {
  for (const name of Object.keys(given)) {
    if (sources.some((one) => one.name === name)) continue;
    const known = sources.map((one) => one.name).join(', ') || 'none';
    throw new Error(`sources: "${name}" is not a source of this exporter; its sources: ${known}.`);
  }
  return new Map(
    sources.map((source) => {
      const settings = Object.hasOwn(given, source.name) ? given[source.name] : undefined;
      if (settings !== undefined) return [source, targetsOf(source, settings)];
      try {
        return [source, targetsOf(source, {})];
      } catch (error) {
        if (probed.includes(source)) return [source, []];
        throw error;
      }
    }),
  );
}

/** The targets that a source's settings name. @throws Error as {@link resolveTargets} does. */
export function targetsOf(source: Source, settings: unknown): readonly Target[] {
  const targets = property(settings, 'targets');
  if (targets === undefined) return [target(source, settings)];
  if (typeof targets !== 'object' || targets === null || Array.isArray(targets)) {
    throw new Error(`source ${source.name}: targets must be a map from names to settings.`);
  }
  const { targets: _, ...base } = settings as { readonly targets: unknown };
  return Object.entries(targets).map(([name, own]) => {
    if (name === '') throw new Error(`source ${source.name}: a target has the name ''; give it another.`);
    return target(source, { ...base, ...own }, name);
  });
}

function target(source: Source, settings: unknown, name?: string): Target {
  const named = name === undefined ? {} : { name };
  try {
    return { ...named, settings, config: source.config?.parse(settings) };
  } catch (cause) {
    const which = name === undefined ? '' : `, target ${JSON.stringify(name)}`;
    throw new Error(`source ${source.name}${which} does not accept its settings: ${messageOf(cause)}`, {
      cause: caught(cause),
    });
  }
}
