import { isDeepStrictEqual } from 'node:util';
import type { Collector } from '../collect/collector.ts';
import { collectorsOf, type Exporter } from '../collect/exporter.ts';
import { parseDuration } from '../config/duration.ts';
import type { StrictYaml } from '../config/strict-yaml.ts';
import { attempts, problemsOf } from './config-error.ts';
import { readConfig, readConfigFile } from './config-file.ts';
import { type Flag, type FlagValues, readArguments, readEnvironment } from './flags.ts';
import { overlay, type Said } from './layers.ts';
import type { LogOptions } from './log.ts';
import type { ConfigParts } from './parts.ts';
import { collectorFlag, runFlags } from './run-flags.ts';
import { readSecrets, type Secrets } from './secrets.ts';
import { assemble, parseSettings, type Setting, settingsOf } from './settings.ts';
import { commonFlags, logOptions } from './standard-flags.ts';
import { checked, webFlags, webOptions } from './web-flags.ts';

/** What an exporter is configured from. */
export interface Sources {
  readonly exporter: Exporter;
  readonly port: number;
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly parts: ConfigParts;
  /** Told of each that is read. */
  readonly secrets: Secrets;
}

/** A whole configuration, checked. */
export interface Configuration {
  readonly flags: readonly Flag[];
  readonly settings: readonly Setting[];
  readonly said: Said;
  /** What the exporter's own config was parsed from. */
  readonly own: unknown;
  /** All collectors there are under that config. */
  readonly collectors: readonly Collector[];
  /** Those that run. */
  readonly running: readonly Collector[];
  /** Settings of each collector by its name, for its `config.parse()`. */
  readonly collectorSettings: { readonly [collector: string]: unknown };
  /** Whether to leave out what is about the exporter itself. */
  readonly bare: boolean;
  readonly web: ReturnType<typeof webOptions>;
  readonly log: LogOptions;
  readonly drainDelayMs: number;
  /** What the parts made of their keys. */
  readonly parts: ReadonlyMap<string, unknown>;
  /** All files it was read from. */
  readonly files: readonly string[];
}

/** The flags that are the same whatever the configuration says. */
export async function firstFlags({ exporter, port }: Sources): Promise<{ own: Setting[]; flags: Flag[] }> {
  const own = await settingsOf(exporter.config, []);
  return { own, flags: [...own.map(({ flag }) => flag), ...webFlags(port), ...runFlags, ...commonFlags] };
}

/** What can be known of the collectors before they are: by the exporter's own settings. */
interface Declared {
  readonly own: unknown;
  readonly collectors: readonly Collector[];
  readonly theirs: readonly Setting[];
  readonly flags: readonly Flag[];
  readonly settings: readonly Setting[];
  readonly yaml: StrictYaml | undefined;
  readonly path: string;
}

/**
 * Reads everything that has a say, and checks it. Where an earlier configuration gave the exporter the same config, its
 * collectors are taken over.
 *
 * @throws ConfigError or UsageError with all that is wrong, as far as it can be told; without secrets.
 */
export async function configure(sources: Sources, earlier?: Configuration): Promise<Configuration> {
  const { exporter, port, argv, env, parts, secrets } = sources;
  const declared = await declare(sources, earlier);
  const { flags, settings, collectors, theirs, yaml, path } = declared;
  const given = readArguments(flags, argv);
  const all = attempts();
  const says = yaml && readConfig(yaml, flags, parts);
  all.note(says?.problems ?? []);
  const raw = overlay(exporter.name, given, readEnvironment(exporter.name, flags, env), says && { path, says });
  const { said, files } = await readSecrets(settings, raw, secrets);
  const { values, nameOf } = said;
  const bare = values.get('web.disable-exporter-metrics') === true;
  const running = collectors.filter((collector) => isEnabled(collector, values) && !(bare && collector.auxiliary));
  for (const { name, config } of collectors) {
    // Of a collector that does not run, what is said must make sense, and nothing need be said.
    const isSaid = theirs.some((one) => one.path[1] === name && values.has(one.flag.name));
    if (config === undefined || !(isSaid || running.some((one) => one.name === name))) continue;
    all.try(() => parseSettings(config, theirs, values, ['collector', name], nameOf));
  }
  const web = all.try(() => webOptions(port, values));
  const log = all.try(() => logOptions(values));
  const delay = String(values.get('web.drain-delay') ?? '0s');
  const drainDelayMs = all.try(() => checked<number>('web.drain-delay', delay, parseDuration));
  const read = new Map<string, unknown>();
  for (const [key, part] of Object.entries(parts)) {
    const where = (below: readonly (string | number)[]): string => yaml?.where([key, ...below]) ?? key;
    try {
      read.set(key, await part.read(says?.parts.get(key), where));
    } catch (error) {
      all.note(problemsOf(error));
    }
  }
  all.end();
  const { collector: collectorSettings = {} } = assemble(theirs, values) as { collector?: { [name: string]: unknown } };
  return {
    flags,
    settings,
    said,
    own: declared.own,
    collectors,
    running,
    collectorSettings,
    bare,
    web: web!,
    log: log!,
    drainDelayMs: drainDelayMs!,
    parts: read,
    files: [...(yaml === undefined ? [] : [path]), ...files],
  };
}

/**
 * Finds out which collectors there are, and so which flags.
 *
 * @throws ConfigError or UsageError when the exporter's own settings make no sense.
 */
export async function declare(sources: Sources, earlier?: Configuration): Promise<Declared> {
  const { exporter, argv, env, secrets } = sources;
  const first = await firstFlags(sources);
  // More flags may come to be known; these are needed to know them.
  const given = readArguments(first.flags, argv, true);
  const environment = readEnvironment(exporter.name, first.flags, env);
  const path = String(given.get('config.file') ?? environment.get('config.file') ?? '');
  const yaml = path === '' ? undefined : await readConfigFile(path);
  const says = yaml && readConfig(yaml, first.flags, {}, true);
  const problems = attempts();
  problems.note(says?.problems ?? []);
  problems.end();
  const raw = overlay(exporter.name, given, environment, says && { path, says });
  const { said } = await readSecrets(first.own, raw, secrets);
  const own = assemble(first.own, said.values);
  const same = earlier !== undefined && isDeepStrictEqual(own, earlier.own);
  const config = exporter.config && parseSettings(exporter.config, first.own, said.values, [], said.nameOf);
  const collectors = same ? earlier.collectors : collectorsOf(exporter, config);
  const theirs = (await Promise.all(collectors.map((one) => settingsOf(one.config, ['collector', one.name])))).flat();
  const flags = [
    ...first.flags.slice(0, -commonFlags.length),
    ...collectors.map(collectorFlag),
    ...theirs.map(({ flag }) => flag),
    ...commonFlags,
  ];
  checkFlags(flags);
  return { own, collectors, theirs, flags, settings: [...first.own, ...theirs], yaml, path };
}

/** @throws TypeError when two of them have one name. */
function checkFlags(flags: readonly Flag[]): void {
  const seen = new Set<string>();
  for (const { name } of flags) {
    const below = name.endsWith('.enabled') && seen.has(name.slice(0, -'.enabled'.length));
    if (seen.has(name) || below)
      throw new TypeError(`config: ${name} is the kit's own flag; call the setting otherwise.`);
    seen.add(name);
  }
}

function isEnabled({ name, enabled }: Collector, values: FlagValues): boolean {
  const said = values.get(`collector.${name}`);
  if (said !== undefined) return said === true;
  return enabled && values.get('collector.disable-defaults') !== true;
}
