import { isDeepStrictEqual } from 'node:util';
import type { Collector } from '../../collect/collector.ts';
import { collectorsOf, type Exporter } from '../../collect/exporter.ts';
import { checkFlags } from '../flags/check-flags.ts';
import { type Flag, readArguments, readEnvironment } from '../flags/flags.ts';
import { probeFlags } from '../flags/probe-flags.ts';
import { collectorFlag, runFlags } from '../flags/run-flags.ts';
import { commonFlags } from '../flags/standard-flags.ts';
import { webFlags } from '../flags/web-flags.ts';
import { ConfigError, problemsOf } from './config-error.ts';
import { type ConfigFile, readConfig, readConfigFile } from './config-file.ts';
import type { ConfigParts } from './config-sections.ts';
import { overlay } from './config-sources.ts';
import { readSecrets, type SecretFiles, type Secrets, secretFiles } from './secrets.ts';
import { assemble, parseSettings, type Setting, settingsOf } from './settings.ts';

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

/** Which collectors there are under the exporter's own settings, and so which flags. */
export interface Declared {
  readonly own: unknown;
  readonly collectors: readonly Collector[];
  readonly theirs: readonly Setting[];
  readonly flags: readonly Flag[];
  readonly settings: readonly Setting[];
  readonly file: ConfigFile | undefined;
}

/** The flags that are the same whatever the configuration says. */
export async function firstFlags({ exporter, port }: Sources): Promise<{ own: Setting[]; flags: Flag[] }> {
  const own = await settingsOf(exporter.config, []);
  const probing = exporter.probes.length === 0 ? [] : probeFlags;
  return { own, flags: [...own.map(({ flag }) => flag), ...probing, ...webFlags(port), ...runFlags, ...commonFlags] };
}

/** All flags and settings; those that are always the same, where the others depend on settings that are not given. */
export async function allFlags(sources: Sources): Promise<Pick<Declared, 'flags' | 'settings'>> {
  try {
    return await declare(sources, secretFiles());
  } catch {
    const { own, flags } = await firstFlags(sources);
    return { flags, settings: own };
  }
}

/**
 * Finds out which collectors there are, and so which flags.
 *
 * @throws ConfigError or UsageError when the exporter's own settings make no sense.
 */
export async function declare(
  sources: Sources,
  read: SecretFiles,
  earlier?: Pick<Declared, 'own' | 'collectors'>,
): Promise<Declared> {
  const { exporter, argv, env, secrets } = sources;
  const first = await firstFlags(sources);
  // More flags may come to be known; these are needed to know them.
  const given = readArguments(first.flags, argv, true);
  const environment = readEnvironment(exporter.name, first.flags, env);
  const path = String(given.get('config.file') ?? environment.get('config.file') ?? '');
  const file = path === '' ? undefined : await readConfigFile(path);
  const says = file && readConfig(file, first.flags, {}, true);
  const raw = overlay(exporter.name, given, environment, says);
  const said = await readSecrets(first.own, raw, secrets, read);
  const own = assemble(first.own, said.values);
  const same = earlier !== undefined && isDeepStrictEqual(own, earlier.own);
  const collectors = collectorsUnder(says?.problems ?? [], () => {
    const config = exporter.config && parseSettings(exporter.config, first.own, said.values, [], said.nameOf);
    return same ? earlier.collectors : inFile(path, () => collectorsOf(exporter, config));
  });
  const theirs = (await Promise.all(collectors.map((one) => settingsOf(one.config, ['collector', one.name])))).flat();
  const flags = [
    ...first.flags.slice(0, -commonFlags.length),
    ...collectors.map(collectorFlag),
    ...theirs.map(({ flag }) => flag),
    ...commonFlags,
  ];
  checkFlags(flags);
  return { own, collectors, theirs, flags, settings: [...first.own, ...theirs], file };
}

/** Makes the collectors. What is wrong in the file may be why it fails; else it is told later, with what else is found. */
function collectorsUnder(problems: readonly string[], make: () => readonly Collector[]): readonly Collector[] {
  try {
    return make();
  } catch (error) {
    if (problems.length === 0) throw error;
    throw new ConfigError([...problems, ...problemsOf(error)]);
  }
}

/** What is thrown names the config file: what is wrong is likely in there. */
function inFile<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (path === '') throw cause;
    throw new ConfigError(problemsOf(cause).map((problem) => `${path}: ${problem}`));
  }
}
