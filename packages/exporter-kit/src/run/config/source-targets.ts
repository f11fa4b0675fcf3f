import type { ResolvedTargets, Target } from '../../collect/source/targets.ts';
import type { YamlPath } from '../../yaml/strict-yaml.ts';
import type { FlagValues } from '../flags/flag.ts';
import { type Attempts, problemsOf } from './config-error.ts';
import type { ConfigSources } from './config-sources.ts';
import { parseReported } from './parse-settings.ts';
import { isMap, readTree, writtenIn } from './read-tree.ts';
import { assemble, type Setting } from './schema/settings.ts';
import type { SourceSettings } from './schema/source-settings.ts';
import { readSecrets, type SecretFiles, type Secrets, type WithSecrets } from './secrets.ts';

/** A target below `targets`, as configured. */
export interface NamedTarget {
  readonly name: string;
  /** Its settings that are given below its name. */
  readonly sources: WithSecrets;
}

/** The fixed targets of all sources, and how they were given. */
export interface SourceTargets {
  readonly targets: ResolvedTargets;
  /** Targets by the flag that gives them, such as `redis.targets`. */
  readonly named: ReadonlyMap<string, readonly NamedTarget[]>;
}

/** What targets are read from. */
export interface TargetInputs {
  readonly sources: WithSecrets;
  /** A scalar of the config file as written. */
  readonly written?: (path: YamlPath) => string | undefined;
  readonly secrets: Secrets;
  readonly read: SecretFiles;
}

/** Reads the fixed targets of sources from settings; `all` notes what is wrong. */
export async function sourceTargets(
  all: readonly SourceSettings[],
  inputs: TargetInputs,
  { try: attempt, note }: Attempts,
): Promise<SourceTargets> {
  const targets = new Map<SourceSettings['source'], readonly Target[]>();
  const named = new Map<string, readonly NamedTarget[]>();
  for (const settings of all) {
    const { source, targets: flag } = settings;
    const given = flag && inputs.sources.values.get(flag.name);
    if (flag === undefined || given === undefined) {
      targets.set(source, attempt(() => onlyTarget(settings, inputs.sources)) ?? []);
      continue;
    }
    attempt(() => checkBase(settings, inputs.sources));
    const name = inputs.sources.nameOf(flag.name);
    if (!isMap(given)) {
      note([`${name} must be a map from names to settings.`]);
      continue;
    }
    const found: NamedTarget[] = [];
    const resolved: Target[] = [];
    for (const [key, value] of Object.entries(given)) {
      const one = key === '' ? undefined : await namedTarget(settings, key, value, inputs, note);
      if (key === '') note([`${name}: a target has the name ""; write another.`]);
      if (one === undefined) continue;
      found.push(one);
      const target = attempt(() => targetOf(settings, one, inputs.sources));
      if (target !== undefined) resolved.push(target);
    }
    named.set(flag.name, found);
    targets.set(source, resolved);
  }
  return { targets, named };
}

/** The target of settings without `targets`; none, if they lack something and the source can be probed. */
function onlyTarget({ source, base, probed }: SourceSettings, { values, nameOf }: WithSecrets): Target[] {
  const some = base.some(({ flag }) => values.has(flag.name));
  const counts = (setting: Setting | undefined): boolean =>
    !probed || (setting === undefined ? some : values.has(setting.flag.name));
  const parser = { parse: (settings: unknown) => ({ config: source.config?.parse(settings) }) };
  const parsed = parseReported(parser, base, values, [source.name], { nameOf, counts });
  const settings = assemble(base, values)[source.name] ?? {};
  return parsed === undefined ? [] : [{ settings, ...parsed }];
}

/** Reports what is wrong with given settings that targets begin with, even if there is no target. */
function checkBase({ source, base }: SourceSettings, { values, nameOf }: WithSecrets): void {
  if (source.config === undefined) return;
  const counts = (setting: Setting | undefined): boolean => setting !== undefined && values.has(setting.flag.name);
  parseReported(source.config, base, values, [source.name], { nameOf, counts });
}

/** Reads what is given below a target's name. */
async function namedTarget(
  { own, targets: flag }: SourceSettings,
  name: string,
  value: unknown,
  { sources, written, secrets, read }: TargetInputs,
  note: Attempts['note'],
): Promise<NamedTarget | undefined> {
  const nameOf = (path: YamlPath): string => sources.nameOf(flag!.name, [name, ...path]);
  if (!isMap(value)) {
    note([`${nameOf([])} must be a map of settings${value === null ? '; write {} if it has none of its own' : ''}.`]);
    return undefined;
  }
  const inFile = sources.originOf(flag!.name) === 'file';
  const text = {
    nameOf,
    written: (path: YamlPath) =>
      inFile ? written?.([...flag!.name.split('.'), name, ...path]) : writtenIn(value, path),
  };
  const flags = own.map((setting) => setting.flag);
  const { values, places, problems } = readTree(value, flags, text);
  note(problems);
  const given: ConfigSources = {
    values,
    originOf: (one) => (values.has(one) ? sources.originOf(flag!.name) : undefined),
    nameOf: (one, inside = []) => nameOf([...(places.get(one) ?? one.split('.')), ...inside]),
    pathOf: (_, path) => sources.pathOf(flag!.name, path),
  };
  try {
    return { name, sources: await readSecrets(own, given, secrets, read) };
  } catch (error) {
    note(problemsOf(error));
    return undefined;
  }
}

/** @throws ConfigError for settings that the source rejects. */
function targetOf({ source, own, targets }: SourceSettings, { name, sources }: NamedTarget, base: WithSecrets): Target {
  const baseName = (flag: string): string => `${source.name}.${flag}`;
  const values: FlagValues = new Map([
    ...own.flatMap(({ flag, fileOf }): [string, unknown][] => {
      const value = fileOf === undefined ? base.values.get(baseName(flag.name)) : undefined;
      return value === undefined ? [] : [[flag.name, value]];
    }),
    ...sources.values,
  ]);
  const isInherited = (flag: string): boolean => !sources.values.has(flag) && base.values.has(baseName(flag));
  const config =
    source.config &&
    parseReported(source.config, own, values, [], {
      nameOf: (flag, inside) =>
        isInherited(flag) ? base.nameOf(baseName(flag), inside) : sources.nameOf(flag, inside),
      nameGroup: (path) => base.nameOf(targets!.name, [name, ...path.map(String)]),
    });
  return { name, settings: assemble(own, values), config };
}
