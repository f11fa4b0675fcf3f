import type { Exporter } from '../../collect/exporter.ts';
import { property } from '../../errors/thrown.ts';
import { masked } from '../../probe/mask.ts';
import { type Module, type ModuleIssue, type Modules, parseModules } from '../../probe/modules.ts';
import { pathText, type YamlPath } from '../../yaml/strict-yaml.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigSection } from './config-sections.ts';
import { asGoReads } from './go-values.ts';
import { fillSecrets, MASK } from './secrets.ts';
import { asJsonSchema, type Shape } from './shape.ts';
import { shapeOf } from './shape-of.ts';
import { filesNamed, replaced, secretsIn, unknownKeys, withSecrets } from './shaped.ts';

/** The key `modules` of an exporter with probes, as in blackbox_exporter's file; default: the exporter's own modules. */
export function modulesSection({ probes, modules }: Exporter): ConfigSection {
  const shapes = once(async () => {
    const found = new Map<unknown, Shape>();
    for (const { name, config } of probes) {
      const shape = await shapeOf(config, `${name}.config`);
      if (shape !== undefined) found.set(name, shape);
    }
    return found;
  });
  // Printed form of what was read.
  const shown = new WeakMap<object, unknown>();

  return {
    async read(raw, where, about, written) {
      const nameOf = (path: YamlPath): string => {
        const whole = pathText(['modules', ...path]);
        return raw === undefined ? whole : `${where(path)}: ${whole}`;
      };
      const found = await shapes();
      const given =
        raw === undefined
          ? modules
          : sectionsOf(raw, found).reduce<unknown>((whole, { shape, at, section }) => {
              return replaced(
                whole,
                at,
                asGoReads(shape, section, (path) => written([...at, ...path])),
              );
            }, raw);
      const problems = masksIn(raw).map((path) => `${nameOf(path)}: ${WRITE_IT}`);
      const strays = new Set<string>();
      const secrets = new Map<string, string[]>();
      let filled = given;
      let text = given;
      for (const { shape, at, section } of sectionsOf(given, found)) {
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
      try {
        const read = [...parseModules(probes, filled)].map(([name, module]): [string, Module] => {
          const known = secrets.get(name);
          return [name, known === undefined ? module : { ...module, secrets: known }];
        });
        if (problems.length > 0) throw new ConfigError(problems);
        const all: Modules = new Map(read);
        shown.set(all, masked(text ?? Object.fromEntries(read.map(([name, { written }]) => [name, written]))));
        return all;
      } catch (error) {
        const issues = property(error, 'issues') as readonly ModuleIssue[] | undefined;
        if (issues === undefined || raw === undefined) throw error;
        throw new ConfigError([
          ...problems,
          ...issues
            .filter(({ path, keys }) => !keys?.every((key) => strays.has(pathText([...path, key]))))
            .map(({ path, message }) => `${nameOf(path.slice(1))}: ${message}`),
        ]);
      }
    },
    async schema() {
      const sections = Object.fromEntries([...(await shapes())].map(([name, shape]) => [name, asJsonSchema(shape)]));
      const module = {
        type: 'object',
        properties: { prober: { enum: probes.map(({ name }) => name) }, timeout: { type: 'string' }, ...sections },
        required: ['prober'],
        additionalProperties: false,
      };
      return { type: 'object', additionalProperties: module };
    },
    shown: (value) => shown.get(value as Modules),
  };
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
    const { prober } = module;
    const [shape, section] = [shapes.get(prober), module[String(prober)]];
    return shape === undefined || !isMap(section) ? [] : [{ shape, at: [name, String(prober)], section }];
  });
}

/** Paths of values that contain the mask. */
function masksIn(value: unknown, path: YamlPath = []): YamlPath[] {
  if (typeof value === 'string') return value.includes(MASK) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, one]) => masksIn(one, [...path, key]));
}

const isMap = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
