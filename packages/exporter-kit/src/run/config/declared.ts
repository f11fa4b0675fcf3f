import { isDeepStrictEqual } from 'node:util';
import type { Collector } from '../../collect/collector.ts';
import { oneOfEachName } from '../../collect/decorate.ts';
import { canProbe, collectorsOf, type Exporter, withProbes } from '../../collect/exporter.ts';
import { sourcesOf } from '../../collect/source/targets.ts';
import type { Flag, FlagsOf, FlagValues } from '../flags/flag.ts';
import { checkFlags } from '../flags/flag-tree.ts';
import { type ProbeValues, probeFlags } from '../flags/probe-flags.ts';
import { readArguments, readEnvironment } from '../flags/read-flags.ts';
import { collectorFlag, type RunValues, runFlags } from '../flags/run-flags.ts';
import { infoFlags, logFlags, markdownFlag } from '../flags/standard-flags.ts';
import { type OpenTargetValues, openTargetFlags, type ShardValues, shardFlags } from '../flags/target-flags.ts';
import { type WebValues, webFlags } from '../flags/web-flags.ts';
import type { LogOptions } from '../process/log.ts';
import { ConfigError, problemsOf } from './config-error.ts';
import { type ConfigFile, readConfig, readConfigFile } from './config-file.ts';
import { type ConfigSections, configSections } from './config-sections.ts';
import { configSources } from './config-sources.ts';
import { parseSettings } from './parse-settings.ts';
import { asAtStart, assemble, type Setting, settingsOf } from './schema/settings.ts';
import { checkSourceNames, flagsOfSources, type SourceSettings, sourceSettings } from './schema/source-settings.ts';
import { readSecrets, type SecretFiles, type Secrets, secretFiles } from './secrets.ts';

/** What an exporter is configured from: the part that no reload changes. */
export interface ConfigInputs {
  readonly exporter: Exporter;
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly sections: ConfigSections;
  /** Collects each secret that is read. */
  readonly secrets: Secrets;
  /** The exporter's own settings. */
  readonly own: readonly Setting[];
  /** The flags of the kit. */
  readonly kit: KitFlags;
  /** Values of flags that do not depend on collectors, as the command line has them. */
  readonly given: FlagValues;
}

/** The kit's own flags of an exporter. */
export interface KitFlags {
  readonly web: FlagsOf<WebValues>;
  readonly probe: FlagsOf<ProbeValues>;
  readonly open: FlagsOf<OpenTargetValues>;
  readonly shard: FlagsOf<ShardValues>;
  readonly run: FlagsOf<RunValues>;
  readonly log: FlagsOf<LogOptions>;
}

/**
 * Reads the flags that do not depend on collectors; those of collectors are not known yet.
 *
 * @throws UsageError as `readArguments` does, TypeError as `settingsOf` does.
 */
export async function configInputs(
  exporter: Exporter,
  port: number,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  secrets: Secrets,
): Promise<ConfigInputs> {
  const own = await settingsOf(exporter.config, []);
  const kit = {
    web: webFlags(port),
    probe: probeFlags,
    open: openTargetFlags,
    shard: shardFlags,
    run: runFlags,
    log: logFlags(),
  };
  const flags = flagsOf({ exporter, own, kit });
  return {
    exporter,
    argv,
    env,
    sections: configSections(exporter),
    secrets,
    own,
    kit,
    given: readArguments(flags, argv, true),
  };
}

/** All flags, in the order of help. */
function flagsOf(
  { exporter, own, kit }: Pick<ConfigInputs, 'exporter' | 'own' | 'kit'>,
  ofCollectors: readonly Flag[] = [],
  ofSources: readonly Flag[] = [],
): Flag[] {
  const probe = canProbe(exporter) ? kit.probe : {};
  const open = exporter.probed.length > 0 ? kit.open : {};
  const shard = canProbe(exporter) || ofSources.length > 0 ? kit.shard : {};
  const listed = (...records: readonly object[]): Flag[] => records.flatMap((one) => Object.values<Flag>(one as never));
  return [
    ...own.map(({ flag }) => flag),
    ...ofSources,
    ...listed(shard, probe, open, kit.web, kit.run, markdownFlag),
    ...ofCollectors,
    ...listed(kit.log, infoFlags),
  ];
}

/** The collectors under the exporter's own settings, and the flags that follow from them. */
export interface Declared {
  /** With the probes under these settings. */
  readonly inputs: ConfigInputs;
  /** Input of the exporter's `config.parse()`. */
  readonly own: unknown;
  readonly collectors: readonly Collector[];
  readonly theirs: readonly Setting[];
  /** The settings of the collectors' sources. */
  readonly sources: readonly SourceSettings[];
  readonly flags: readonly Flag[];
  readonly settings: readonly Setting[];
  readonly file: ConfigFile | undefined;
}

/** All flags and settings; without those of collectors if these depend on settings that are missing. */
export async function allFlags(
  inputs: ConfigInputs,
): Promise<Pick<Declared, 'inputs' | 'flags' | 'settings' | 'sources'>> {
  try {
    return await declare(inputs, secretFiles());
  } catch {
    return { inputs, flags: flagsOf(inputs), settings: inputs.own, sources: [] };
  }
}

/**
 * Creates the collectors from the exporter's own settings, and collects the flags.
 *
 * @throws ConfigError or UsageError if the exporter's own settings are invalid.
 */
export async function declare(
  given: ConfigInputs,
  read: SecretFiles,
  earlier?: Pick<Declared, 'own' | 'collectors' | 'inputs'>,
): Promise<Declared> {
  const { env, secrets, kit } = given;
  const { name } = given.exporter;
  const always = flagsOf(given);
  const environment = readEnvironment(name, always, env);
  const path = kit.run.configFile.read(given.given.get('config.file') ?? environment.get('config.file'));
  const file = path === '' ? undefined : await readConfigFile(path);
  const says = file && readConfig(file, always, {}, true);
  const raw = configSources(name, given.given, environment, says);
  const sources = await readSecrets(given.own, raw, secrets, read);
  const values = earlier === undefined ? sources.values : asAtStart(given.own, sources.values, earlier.own);
  const own = assemble(given.own, values);
  const same = earlier !== undefined && isDeepStrictEqual(own, earlier.own);
  const { inputs, collectors } = madeUnder(says?.problems ?? [], () => {
    const { exporter } = given;
    const parsed = (from: FlagValues): unknown =>
      exporter.config && parseSettings(exporter.config, given.own, from, [], sources.nameOf);
    // Settings that are read only at the start must be valid too, or the next start fails.
    const config = parsed(sources.values);
    if (same) return earlier;
    return inFile(path, () => {
      const atStart = earlier === undefined ? config : parsed(values);
      const inputs = withProbers(given, atStart);
      return { inputs, collectors: collectorsOf(inputs.exporter, atStart) };
    });
  });
  const named = oneOfEachName(collectors);
  const theirs = (await Promise.all(named.map((one) => settingsOf(one.config, ['collector', one.name])))).flat();
  const fixed = await Promise.all(
    sourcesOf(collectors).map((one) => sourceSettings(one, inputs.exporter.probed.includes(one))),
  );
  const ofCollectors = [...named.map(collectorFlag), ...theirs.map(({ flag }) => flag)];
  checkSourceNames(fixed, [...flagsOf(inputs).map((flag) => flag.name), ...Object.keys(inputs.sections)]);
  const flags = flagsOf(inputs, ofCollectors, flagsOfSources(fixed));
  checkFlags(flags);
  const settings = [...inputs.own, ...fixed.flatMap(({ base }) => base), ...theirs];
  return { inputs, own, collectors, theirs, sources: fixed, flags, settings, file };
}

/** The inputs of an exporter whose probes depend on its config. */
function withProbers(inputs: ConfigInputs, config: unknown): ConfigInputs {
  if (inputs.exporter.probersOf === undefined) return inputs;
  const exporter = withProbes(inputs.exporter, config);
  return { ...inputs, exporter, sections: configSections(exporter) };
}

/** Creates the collectors. If that fails, problems of the file are added, as they may be the cause. */
function madeUnder<T>(problems: readonly string[], make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (problems.length === 0) throw error;
    throw new ConfigError([...problems, ...problemsOf(error)]);
  }
}

/** Adds the config file's name to errors: the cause is likely there. */
function inFile<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (path === '') throw cause;
    throw new ConfigError(problemsOf(cause).map((problem) => `${path}: ${problem}`));
  }
}
