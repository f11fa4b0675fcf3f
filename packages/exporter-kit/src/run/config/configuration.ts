import { dirname, resolve } from 'node:path';
import type { Collector } from '../../collect/collector.ts';
import { type Shard, targetsInShard } from '../../collect/source/shard.ts';
import type { ResolvedTargets } from '../../collect/source/targets.ts';
import type { Modules } from '../../probe/modules.ts';
import type { YamlScalar } from '../../yaml/go-scalars.ts';
import { type Flag, type FlagValues, valuesOf } from '../flags/flag.ts';
import type { ProbeValues } from '../flags/probe-flags.ts';
import { readArguments, readEnvironment } from '../flags/read-flags.ts';
import type { RunValues } from '../flags/run-flags.ts';
import type { OpenTargetValues } from '../flags/target-flags.ts';
import { addressesOf, type WebValues } from '../flags/web-flags.ts';
import type { LogOptions } from '../process/log.ts';
import { attempts, problemsOf } from './config-error.ts';
import { readConfig } from './config-file.ts';
import type { SectionContext } from './config-sections.ts';
import { configSources } from './config-sources.ts';
import { type ConfigInputs, declare } from './declared.ts';
import { parseSettings } from './parse-settings.ts';
import { assemble, type Setting } from './schema/settings.ts';
import type { SourceSettings } from './schema/source-settings.ts';
import { readSecrets, secretFiles, type WithSecrets } from './secrets.ts';
import { type NamedTarget, sourceTargets } from './source-targets.ts';
import type { FilesRead } from './watched-files.ts';

/** A complete, valid configuration. */
export interface Configuration {
  /** With the probes under it. */
  readonly inputs: ConfigInputs;
  readonly flags: readonly Flag[];
  readonly settings: readonly Setting[];
  readonly sources: WithSecrets;
  /** Input of the exporter's `config.parse()`. */
  readonly own: unknown;
  /** All collectors under that config, disabled ones too. */
  readonly collectors: readonly Collector[];
  /** Those that run. */
  readonly running: readonly Collector[];
  /** Settings of each collector by its name, for its `config.parse()`. */
  readonly collectorSettings: { readonly [collector: string]: unknown };
  /** Results of `config.parse()`. */
  readonly configs: ReadonlyMap<Collector, unknown>;
  /** The fixed targets of its sources, as far as this shard has them. */
  readonly targets: ResolvedTargets;
  readonly sourceSettings: readonly SourceSettings[];
  /** How named targets are given, by the flag of their source. */
  readonly namedTargets: ReadonlyMap<string, readonly NamedTarget[]>;
  /** With the addresses and the path of the web file that are in effect. */
  readonly web: WebValues;
  readonly probe: ProbeValues;
  readonly open: OpenTargetValues;
  readonly shard: Shard;
  readonly run: RunValues;
  readonly log: LogOptions;
  /** What each section of the file was read as. */
  readonly sections: ReadonlyMap<string, unknown>;
  /** All files it was read from. */
  readonly files: FilesRead;
}

/**
 * Reads and checks the configuration from all sources. If the exporter's own config is the same as in `earlier`, its
 * collectors are reused.
 *
 * @throws ConfigError or UsageError with all problems that can be found, without secrets.
 */
export async function configure(given: ConfigInputs, earlier?: Configuration): Promise<Configuration> {
  const read = secretFiles();
  const declared = await declare(given, read, earlier);
  const { exporter, argv, env, sections, secrets, kit } = declared.inputs;
  const { flags, settings, collectors, theirs, file, sources: declaredSources } = declared;
  const args = readArguments(flags, argv);
  const says = file && readConfig(file, flags, sections);
  const raw = configSources(exporter.name, args, readEnvironment(exporter.name, flags, env), says);
  const sources = await readSecrets(settings, raw, secrets, read);
  const { values, nameOf } = sources;
  const all = attempts(nameOf);
  all.note(says?.problems ?? []);
  const web = valuesOf(kit.web, values, all.try);
  const probe = valuesOf(kit.probe, values, all.try);
  const open = valuesOf(kit.open, values, all.try);
  const { shard } = valuesOf(kit.shard, values, all.try);
  const run = valuesOf(kit.run, values, all.try);
  const log = valuesOf(kit.log, values, all.try);
  const address = all.try(() => addressesOf(web));
  const configFile = web.configFile && sources.pathOf('web.config.file', web.configFile);
  const running = runningOf(collectors, values, { web, run });
  const targetInputs = { sources, secrets, read, ...(says && { written: says.written }) };
  const { targets: allTargets, named } = await sourceTargets(declaredSources, targetInputs, all);
  const sectionValues = new Map<string, unknown>();
  const about: SectionContext = {
    secrets,
    read,
    collectors,
    pathOf: (path) => (file === undefined ? path : resolve(dirname(file.path), path)),
  };
  for (const [key, section] of Object.entries(sections)) {
    const where = (below: readonly (string | number)[]): string => file?.yaml.where([key, ...below]) ?? key;
    const written = (below: readonly (string | number)[]): YamlScalar | undefined => {
      const [path, yaml] = [[key, ...below], file?.yaml];
      const text = yaml?.written(path);
      return text === undefined ? undefined : { text, plain: yaml!.plain(path) };
    };
    try {
      sectionValues.set(key, await section.read(says?.sections.get(key), where, about, written));
    } catch (error) {
      all.note(problemsOf(error));
    }
  }
  const probing = collectorsOfModules(sectionValues.get('modules'));
  const configs = new Map<Collector, unknown>();
  for (const collector of collectors) {
    const { name, config } = collector;
    // Settings of a disabled collector must be valid if given, but required ones may be missing.
    const isGiven = theirs.some((one) => one.path[1] === name && values.has(one.flag.name));
    const isUsed = probing.has(name) || running.some((one) => one.name === name);
    if (config === undefined || !(isGiven || isUsed)) continue;
    configs.set(
      collector,
      all.try(() => parseSettings(config, theirs, values, ['collector', name], nameOf)),
    );
  }
  all.end();
  const { collector: collectorSettings = {} } = assemble(theirs, values) as { collector?: { [name: string]: unknown } };
  return {
    inputs: declared.inputs,
    flags,
    settings,
    sources,
    own: declared.own,
    collectors,
    running,
    collectorSettings,
    configs,
    targets: targetsInShard(allTargets, shard),
    sourceSettings: declaredSources,
    namedTargets: named,
    web: { ...web, address: address!, configFile },
    probe,
    open,
    shard,
    run,
    log,
    sections: sectionValues,
    files: new Map([...(file === undefined ? [] : [[file.path, file.digest] as const]), ...read.files]),
  };
}

/** The collectors that run under these values of flags. */
export function runningOf(
  collectors: readonly Collector[],
  values: FlagValues,
  { web, run }: Pick<Configuration, 'web' | 'run'>,
): readonly Collector[] {
  return collectors.filter(({ name, enabled, auxiliary }) => {
    if (web.withoutOwnMetrics && auxiliary) return false;
    return (values.get(`collector.${name}`) ?? (enabled && !run.disableDefaults)) === true;
  });
}

/** Names of the collectors that modules run, be they enabled or not. */
function collectorsOfModules(section: unknown): ReadonlySet<string> {
  const modules: Modules = section instanceof Map ? section : new Map();
  return new Set([...modules.values()].flatMap((one) => ('source' in one ? (one.collectors ?? []) : [])));
}
