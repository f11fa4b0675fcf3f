import type { Exporter } from '../../collect/exporter.ts';
import { property } from '../../errors/thrown.ts';
import { maskedSettings } from '../../probe/mask.ts';
import { type Module, type ModuleIssue, type Modules, parseModules } from '../../probe/modules.ts';
import { pathText, type YamlPath } from '../../yaml/strict-yaml.ts';
import { treeOf } from '../flags/flag-tree.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigSection } from './config-sections.ts';
import { isMap } from './read-tree.ts';
import { asGoReads } from './schema/go-values.ts';
import { asJsonSchema, type Shape } from './schema/shape.ts';
import { shapeOf } from './schema/shape-of.ts';
import { filesNamed, replaced, secretsIn, unknownKeys, withSecrets } from './schema/shaped.ts';
import { sourceSettings } from './schema/source-settings.ts';
import { groupSchema, leafSchema } from './schema/tree-schema.ts';
import { fillSecrets, MASK, masksIn } from './secrets.ts';
import { sourceModules } from './source-modules.ts';

/** The key `modules` of an exporter with probes, as in blackbox_exporter's file; default: the exporter's own modules. */
export function modulesSection({ probes, probed, modules }: Exporter): ConfigSection {
  const known = once(async () => {
    const shapes = new Map<unknown, Shape>();
    for (const { name, config } of probes) {
      const shape = await shapeOf(config, `${name}.config`);
      if (shape !== undefined) shapes.set(name, shape);
    }
    const sources = await Promise.all(probed.map((source) => sourceSettings(source, true)));
    return { shapes, sources };
  });
  // Printed form of what was read.
  const shown = new WeakMap<object, unknown>();

  return {
    async read(raw, where, about, written) {
      const nameOf = (path: YamlPath): string => {
        const whole = pathText(['modules', ...path]);
        return raw === undefined ? whole : `${where(path)}: ${whole}`;
      };
      const { shapes, sources } = await known();
      const given =
        raw === undefined
          ? modules
          : sectionsOf(raw, shapes).reduce<unknown>((whole, { shape, at, section }) => {
              return replaced(
                whole,
                at,
                asGoReads(shape, section, (path) => written([...at, ...path])),
              );
            }, raw);
      const problems = masksIn(raw, (one) => one.includes(MASK)).map((path) => `${nameOf(path)}: ${WRITE_IT}`);
      const strays = new Set<string>();
      const secrets = new Map<string, readonly string[]>();
      let filled = given;
      let text = given;
      for (const { shape, at, section } of sectionsOf(given, shapes)) {
        const here = (path: YamlPath): string => nameOf([...at, ...path]);
        for (const { path, why } of unknownKeys(shape, section)) {
          problems.push(`${here(path)} ${why}`);
          strays.add(pathText(['modules', ...at, ...path]));
        }
        const whole = await fillSecrets(shape, section, about.pathOf, here, about.read, problems);
        const texts = secretsIn(shape, whole).map(({ value }) => String(value));
        for (const secret of texts) about.secrets.add(secret);
        secrets.set(String(at[0]), texts);
        filled = replaced(filled, at, whole);
        text = replaced(
          text,
          at,
          withSecrets(shape, filesNamed(shape, section, about.pathOf), () => MASK),
        );
      }
      const ofSources = await sourceModules(sources, given, { nameOf, about, ...(raw !== undefined && { written }) });
      problems.push(...ofSources.flatMap((one) => one.problems));
      for (const { name, prober, settings, shown: printed, secrets: theirs } of ofSources) {
        secrets.set(name, theirs);
        filled = withMember(filled, name, prober, settings);
        text = withMember(text, name, prober, printed);
      }
      const isChecked = (path: ModuleIssue['path']): boolean =>
        ofSources.some(({ name, prober }) => path[1] === name && path[2] === prober);
      try {
        const read = [...parseModules([...probes, ...probed], filled, about.collectors)].map(
          ([name, module]): [string, Module] => {
            const theirs = secrets.get(name);
            return [name, theirs === undefined ? module : withKnownSecrets(module, theirs)];
          },
        );
        if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
        const all: Modules = new Map(read);
        shown.set(all, maskedSettings(text ?? Object.fromEntries(read.map(([name, { written }]) => [name, written]))));
        return all;
      } catch (error) {
        const issues = property(error, 'issues') as readonly ModuleIssue[] | undefined;
        if (issues === undefined || raw === undefined) throw error;
        const others = issues
          .filter(({ path, keys }) => !isChecked(path) && !keys?.every((key) => strays.has(pathText([...path, key]))))
          .map(({ path, message }) => `${nameOf(path.slice(1))}: ${message}`);
        throw new ConfigError([...new Set([...problems, ...others])]);
      }
    },
    async schema() {
      const { shapes, sources } = await known();
      const ofSources = sources.map(({ source, own }) => {
        const flags = own.filter(({ path }) => path[0] !== source.target).map(({ flag }) => flag);
        return [source.name, groupSchema(treeOf(flags), (flag) => leafSchema(flag, own))] as const;
      });
      const ofProbes = [...shapes].map(([name, shape]) => [name, asJsonSchema(shape)] as const);
      const names = { type: 'array', items: { type: 'string' } };
      const module = {
        type: 'object',
        properties: {
          prober: { enum: [...probes, ...probed].map(({ name }) => name) },
          timeout: { type: 'string' },
          targets: { ...names, minItems: 1 },
          ...(probed.length > 0 && { collectors: names }),
          ...Object.fromEntries([...ofProbes, ...ofSources]),
        },
        required: ['prober'],
        additionalProperties: false,
      };
      return { type: 'object', additionalProperties: module };
    },
    shown: (value) => shown.get(value as Modules),
  };
}

const withKnownSecrets = (module: Module, secrets: readonly string[]): Module =>
  'source' in module ? { ...module, secrets, isSecret: module.isSecret || secrets.length > 0 } : { ...module, secrets };

/** The modules with the settings of one of them replaced. */
function withMember(modules: unknown, name: string, prober: string, settings: unknown): unknown {
  const all = modules as { readonly [name: string]: object };
  return { ...all, [name]: { ...all[name], [prober]: settings } };
}

const WRITE_IT = `${MASK} stands for what --config.print left out; write the value.`;

/** A module's settings for its probe, if the probe has a schema. */
interface Section {
  readonly shape: Shape;
  /** Below `modules`. */
  readonly at: YamlPath;
  readonly section: object;
}

function sectionsOf(modules: unknown, shapes: ReadonlyMap<unknown, Shape>): Section[] {
  if (!isMap(modules)) return [];
  return Object.entries(modules).flatMap(([name, module]) => {
    if (!isMap(module)) return [];
    const { prober } = module as { prober?: unknown };
    const [shape, section] = [shapes.get(prober), (module as { [key: string]: unknown })[String(prober)]];
    return shape === undefined || !isMap(section) ? [] : [{ shape, at: [name, String(prober)], section }];
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
