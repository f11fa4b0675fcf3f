import type { Parser } from '../../collect/context.ts';
import { messageOf, property } from '../../errors/thrown.ts';
import { problemsOf, type ZodIssue } from '../../yaml/problems.ts';
import { pathText } from '../../yaml/strict-yaml.ts';
import type { FlagValues } from '../flags/flag.ts';
import { UsageError } from '../usage-error.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigSources } from './config-sources.ts';
import { assemble, kebab, type Setting, typed } from './schema/settings.ts';
import { kindsOf } from './schema/shape.ts';
import { unknownKeys } from './schema/shaped.ts';

/** How messages name settings, and which problems are reported. */
export interface ParseReport {
  /** Names a flag, by the origin of its value. */
  readonly nameOf: ConfigSources['nameOf'];
  /** Names a group of settings; default: by its keys. */
  readonly nameGroup?: (path: readonly PropertyKey[]) => string;
  /** Whether a problem of this setting, or of a group of settings, is reported; default: each is. */
  readonly counts?: (setting: Setting | undefined) => boolean;
}

/**
 * Parses what stands at `under` of the assembled settings.
 *
 * @param nameOf names a flag in messages, by the origin of its value.
 * @throws ConfigError naming each setting that the schema rejects, and each unknown key.
 */
export function parseSettings<C>(
  schema: Parser<C>,
  settings: readonly Setting[],
  values: FlagValues,
  under: readonly string[],
  nameOf: ConfigSources['nameOf'] = (flag, inside = []) => [`--${flag}`, pathText(inside)].filter(Boolean).join(': '),
): C {
  return parseReported(schema, settings, values, under, { nameOf })!;
}

/**
 * As {@link parseSettings}, but throws only problems that are to be reported.
 *
 * @returns `undefined` if there are others.
 */
export function parseReported<C>(
  schema: Parser<C>,
  settings: readonly Setting[],
  values: FlagValues,
  under: readonly string[],
  { nameOf, nameGroup = nameOfGroup, counts = () => true }: ParseReport,
): C | undefined {
  const problems = new Set<string>();
  const own = settings.filter(({ path, fileOf }) => fileOf === undefined && under.every((key, i) => key === path[i]));
  const strays = new Set<string>();
  for (const { flag, shape, path: at } of own) {
    for (const { path, why } of unknownKeys(shape, typed(flag.type, values.get(flag.name)))) {
      problems.add(`${nameOf(flag.name, path)} ${why}`);
      strays.add(pathText([...at, ...path]));
    }
  }
  let config: C | undefined;
  try {
    config = schema.parse(under.reduce(valueIn, assemble(settings, values)) ?? {});
  } catch (cause) {
    const issues = property(cause, 'issues') as readonly ZodIssue[] | undefined;
    if (!Array.isArray(issues)) {
      const whose = under.length === 0 ? '' : `${under.join(' ')} does not accept its settings: `;
      throw new UsageError(`${whose}${messageOf(cause)}`, { cause });
    }
    for (const { path, why, keys } of problemsOf(issues)) {
      const whole = [...under, ...path];
      const setting = own.find((one) => one.path.every((key, i) => key === whole[i]));
      if (!counts(setting)) continue;
      if (setting !== undefined) {
        const inside = whole.slice(setting.path.length);
        // Found above already, with what may be meant.
        const told = keys?.every((key) => strays.has(pathText([...whole, key])));
        const isText = typeof values.get(setting.flag.name) === 'string' && !kindsOf(setting.shape).includes('string');
        const hint = setting.flag.type === 'json' && isText && inside.length === 0 ? '; write it as JSON' : '';
        const what = hint === '' ? why : why.replace(/\.?$/, hint);
        if (!told) problems.add(`${nameOf(setting.flag.name, inside)}: ${what}`);
      } else problems.add(`${nameGroup(whole)}: ${why}`);
    }
  }
  if (problems.size > 0) throw new ConfigError([...problems]);
  return config;
}

const nameOfGroup = (path: readonly PropertyKey[]): string =>
  path.map((step) => kebab(String(step))).join('.') || 'config';

const valueIn = (holder: unknown, key: string): unknown => (holder as Record<string, unknown> | undefined)?.[key];
