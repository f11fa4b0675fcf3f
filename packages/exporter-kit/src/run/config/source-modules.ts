import { missingTargets } from '../../probe/source-module.ts';
import type { YamlScalar } from '../../yaml/go-scalars.ts';
import type { YamlPath } from '../../yaml/strict-yaml.ts';
import { problemsOf } from './config-error.ts';
import type { SectionContext } from './config-sections.ts';
import type { ConfigSources } from './config-sources.ts';
import { parseReported } from './parse-settings.ts';
import { isMap, readTree, writtenIn } from './read-tree.ts';
import { assemble, type Setting, typed } from './schema/settings.ts';
import { filesNamed, secretsIn, withSecrets } from './schema/shaped.ts';
import type { SourceSettings } from './schema/source-settings.ts';
import { MASK, readSecrets, type WithSecrets } from './secrets.ts';

/** The settings of a source in a module, read. */
export interface SourceModuleSettings {
  /** The module's name. */
  readonly name: string;
  /** The source's name. */
  readonly prober: string;
  /** Input of the source's `config.parse()`. */
  readonly settings: object;
  /** As printed. */
  readonly shown: object;
  readonly secrets: readonly string[];
  readonly problems: readonly string[];
}

/** Where modules are written. */
export interface ModulesText {
  /** Names what is at a path below `modules` in messages. */
  nameOf(path: YamlPath): string;
  readonly about: SectionContext;
  /** A scalar of the config file at a path below `modules`; absent for modules that are not from a file. */
  readonly written?: (path: YamlPath) => YamlScalar | undefined;
}

/** Reads the settings of all modules whose prober is a source. */
export async function sourceModules(
  sources: readonly SourceSettings[],
  modules: unknown,
  text: ModulesText,
): Promise<SourceModuleSettings[]> {
  const found: SourceModuleSettings[] = [];
  for (const [name, module] of Object.entries(isMap(modules) ? modules : {})) {
    if (!isMap(module)) continue;
    const { prober, targets } = module as { readonly prober?: unknown; readonly targets?: unknown };
    const known = sources.find(({ source, own }) => source.name === prober && own.length > 0);
    const given = known && (module as { readonly [key: string]: unknown })[known.source.name];
    if (known === undefined || !(given === undefined || isMap(given))) continue;
    const read = await readModule(known, name, given ?? {}, text);
    if (read.secrets.length > 0 && targets === undefined) {
      read.problems.push(`${text.nameOf([name, 'targets'])}: ${missingTargets(known.source)}`);
    }
    found.push({ name, prober: known.source.name, ...read });
  }
  return found;
}

async function readModule(
  { source, own }: SourceSettings,
  name: string,
  given: object,
  { nameOf, about, written }: ModulesText,
) {
  const here = (path: YamlPath): string => nameOf([name, source.name, ...path]);
  const flags = own.map(({ flag }) => flag);
  const read = readTree(given, flags, {
    nameOf: here,
    written: (path) => (written ? written([name, source.name, ...path])?.text : writtenIn(given, path)),
  });
  const problems = [...read.problems];
  const { values, places } = read;
  const sources: ConfigSources = {
    values,
    originOf: (flag) => (values.has(flag) ? 'file' : undefined),
    nameOf: (flag, inside = []) => here([...(places.get(flag) ?? flag.split('.')), ...inside]),
    pathOf: (_, path) => about.pathOf(path),
  };
  const isTarget = ({ path }: Setting): boolean => path[0] === source.target;
  for (const setting of own.filter((one) => isTarget(one) && values.has(one.flag.name))) {
    problems.push(`${sources.nameOf(setting.flag.name)} is filled by /probe?target=; remove the key.`);
  }
  let complete: WithSecrets;
  try {
    complete = await readSecrets(own, sources, about.secrets, about.read);
  } catch (error) {
    problems.push(...problemsOf(error));
    return { settings: {}, shown: {}, secrets: [], problems };
  }
  try {
    const counts = (setting: Setting | undefined): boolean => setting !== undefined && !isTarget(setting);
    const nameGroup = (path: readonly PropertyKey[]): string => here(path.map(String));
    if (source.config)
      parseReported(source.config, own, complete.values, [], { nameOf: sources.nameOf, nameGroup, counts });
  } catch (error) {
    problems.push(...problemsOf(error));
  }
  const secrets = own.flatMap(({ flag, shape, fileOf }) =>
    fileOf === undefined ? secretsIn(shape, complete.values.get(flag.name) ?? shape.default) : [],
  );
  return {
    settings: assemble(own, complete.values),
    shown: shownValues(own, complete),
    secrets: secrets.map(({ value }) => String(value)),
    problems,
  };
}

/** What is given, with secrets masked and absolute file names. */
function shownValues(own: readonly Setting[], { written, pathOf }: WithSecrets): object {
  const shown: { [key: string]: unknown } = {};
  for (const { flag, shape, fileOf } of own) {
    if (!written.has(flag.name)) continue;
    const value = typed(flag.type, written.get(flag.name));
    const absolute = (path: string): string => pathOf(flag.name, path);
    const keys = flag.name.split('.');
    const holder = keys.slice(0, -1).reduce((group, key) => {
      group[key] ??= {};
      return group[key] as { [key: string]: unknown };
    }, shown);
    holder[keys.at(-1)!] =
      fileOf === undefined
        ? withSecrets(shape, filesNamed(shape, value, absolute), () => MASK)
        : absolute(String(value));
  }
  return shown;
}
