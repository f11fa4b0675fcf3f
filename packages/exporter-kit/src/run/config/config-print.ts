import { resolve } from 'node:path';
import type { Flag } from '../flags/flag.ts';
import { type FlagTree, ITSELF, treeOf } from '../flags/flag-tree.ts';
import { winsOver } from './config-sources.ts';
import type { Configuration } from './configuration.ts';
import type { ConfigInputs } from './declared.ts';
import { MASK } from './secrets.ts';
import { typed } from './settings.ts';
import { filesNamed, withSecrets } from './shaped.ts';

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The configuration in effect as a config file that can be loaded again, each value with its origin. Values that are not
 * given are comments. Of a secret in a file, the file's name is printed; others are masked, and the mask is rejected when it
 * is read; secrets from flags or the environment are comments.
 */
export async function configText({ exporter, sections }: ConfigInputs, configuration: Configuration): Promise<string> {
  const { flags, settings, sources, running } = configuration;
  const text = await yamlText();
  const own = new Map(settings.map((setting) => [setting.flag.name, setting]));
  const lines = [`# ${exporter.name} ${exporter.version}: the configuration in effect.`];

  function inEffect(flag: Flag): unknown {
    const { name, type } = flag;
    if (sources.written.has(name)) return written(name, typed(type, sources.written.get(name)));
    const collector = configuration.collectors.find((one) => `collector.${one.name}` === name);
    if (collector !== undefined) return running.includes(collector);
    const setting = own.get(name);
    if (setting === undefined) return flag.default;
    return isPresent(setting.path, setting.always) ? setting.shape.default : undefined;
  }

  /** Whether the objects around a setting exist. */
  function isPresent(path: readonly string[], always: number): boolean {
    const group = path.slice(0, -1);
    if (always >= group.length) return true;
    return settings.some(
      ({ flag, path: other }) => sources.values.has(flag.name) && group.every((key, i) => other[i] === key),
    );
  }

  /** File names are absolute, since the output may be loaded from elsewhere. */
  function written(name: string, value: unknown): unknown {
    const pathOf = (path: string): string => sources.pathOf(name, path);
    const { shape, fileOf } = own.get(name) ?? {};
    if (fileOf !== undefined || name === 'web.config.file')
      return value === '' ? value : resolve(pathOf(String(value)));
    return shape === undefined ? value : filesNamed(shape, value, pathOf);
  }

  function leaf(indent: string, key: string, flag: Flag): void {
    const { shape, fileOf } = own.get(flag.name) ?? {};
    const value = isOutdone(flag.name, fileOf) ? undefined : inEffect(flag);
    if (value === undefined) return void lines.push(`${indent}# ${text(key)}: not given`);
    const shown = flag.secret ? withSecrets(shape!, value, () => MASK) : value;
    // The secret is not in the file, so this line can't be either.
    const elsewhere =
      shown === MASK
        ? sources.originOf(flag.name) !== 'file'
        : flag.secret && sources.originOf(flag.name) === undefined;
    lines.push(`${indent}${elsewhere ? '# ' : ''}${text(key)}: ${text(shown)} # ${sourceOf(flag.name)}`);
  }

  /** Whether of a secret and its file, this is the one that is not in effect. */
  function isOutdone(name: string, fileOf: string | undefined): boolean {
    if (fileOf !== undefined) return !winsOver(sources, name, fileOf);
    return own.has(`${name}-file`) && winsOver(sources, `${name}-file`, name);
  }

  function sourceOf(flag: string): string {
    return sources.originOf(flag) === undefined ? 'default' : sources.nameOf(flag).replace(/\s/g, ' ');
  }

  function walk({ flag, below }: FlagTree, indent: string): void {
    if (flag !== undefined) leaf(indent, ITSELF, flag);
    for (const [key, node] of below) {
      if (node.below.size === 0) leaf(indent, key, node.flag!);
      else {
        lines.push(`${indent}${text(key)}:`);
        walk(node, `${indent}  `);
      }
    }
  }

  walk(treeOf(flags), '');
  for (const [key, section] of Object.entries(sections)) {
    if (section.shown === undefined) continue;
    const shown = section.shown(configuration.sections.get(key));
    if (shown !== undefined) lines.push(...block({ [key]: shown }, ''));
  }
  return `${lines.join('\n')}\n`;

  /** A map in block style, whose other values are on one line each. */
  function block(map: object, indent: string): string[] {
    return Object.entries(map).flatMap(([key, value]) =>
      isMap(value) && Object.keys(value).length > 0
        ? [`${indent}${text(key)}:`, ...block(value, `${indent}  `)]
        : [`${indent}${text(key)}: ${text(value)}`],
    );
  }
}

/** Returns a function that writes a value as one line of YAML, from which the same value is read. */
export async function yamlText(): Promise<(value: unknown) => string> {
  const { stringify } = await import('yaml');

  function write(value: unknown): string {
    if (typeof value === 'string') return isPlain(value) ? value : quoted(value);
    if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(write).join(', ')} ]`;
    if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
    const entries = Object.entries(value).map(([key, one]) => `${write(key)}: ${write(one)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }

  /** Whether a string needs no quotes, alone and in a list; numbers, dates and YAML's own words do. */
  function isPlain(text: string): boolean {
    return /^[\w./:<-][\w./:<> -]*$/.test(text) && stringify(text, { lineWidth: 0 }) === `${text}\n`;
  }

  return write;
}

/** As JSON, which is YAML, with invisible characters escaped. */
function quoted(text: string): string {
  const unseen = /[^\P{C}]|[\p{Z}\ufeff]/gu;
  return JSON.stringify(text).replace(unseen, (one) =>
    one === ' '
      ? one
      : [...Array(one.length).keys()].map((i) => `\\u${one.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}
