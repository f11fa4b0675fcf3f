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
 * The configuration in effect, as a config file would have it, each value with where it comes from, so that the whole is a
 * config file again. What is not given is a comment. A secret that is in a file is printed as the file's name; in place of
 * another one stands the mask, which is refused where it is read; and what a flag or a variable gives is a comment.
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

  /** Whether the objects are there in which a setting stands. */
  function isPresent(path: readonly string[], always: number): boolean {
    const group = path.slice(0, -1);
    if (always >= group.length) return true;
    return settings.some(
      ({ flag, path: other }) => sources.values.has(flag.name) && group.every((key, i) => other[i] === key),
    );
  }

  /** What is written of files, from wherever it will be read. */
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
    // It is where it was, whoever reads this.
    const elsewhere =
      shown === MASK
        ? sources.originOf(flag.name) !== 'file'
        : flag.secret && sources.originOf(flag.name) === undefined;
    lines.push(`${indent}${elsewhere ? '# ' : ''}${text(key)}: ${text(shown)} # ${sourceOf(flag.name)}`);
  }

  /** Of a secret and the file for it, the one that is not in effect. */
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

  /** A map whose maps stand below their keys, with all else in one line. */
  function block(map: object, indent: string): string[] {
    return Object.entries(map).flatMap(([key, value]) =>
      isMap(value) && Object.keys(value).length > 0
        ? [`${indent}${text(key)}:`, ...block(value, `${indent}  `)]
        : [`${indent}${text(key)}: ${text(value)}`],
    );
  }
}

/** Makes the function that writes a value as YAML in one line, so that it is read back as what it is. */
export async function yamlText(): Promise<(value: unknown) => string> {
  const { stringify } = await import('yaml');

  function write(value: unknown): string {
    if (typeof value === 'string') return isPlain(value) ? value : quoted(value);
    if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(write).join(', ')} ]`;
    if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
    const entries = Object.entries(value).map(([key, one]) => `${write(key)}: ${write(one)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }

  /** Whether a text needs no quotes, on its own and in a list. What is a number, a date or a word of YAML's needs them. */
  function isPlain(text: string): boolean {
    return /^[\w./:<-][\w./:<> -]*$/.test(text) && stringify(text, { lineWidth: 0 }) === `${text}\n`;
  }

  return write;
}

/** As JSON has it, which YAML reads, but with all that is no letter or sign to be seen as its number. */
function quoted(text: string): string {
  const unseen = /[^\P{C}]|[\p{Z}\ufeff]/gu;
  return JSON.stringify(text).replace(unseen, (one) =>
    one === ' '
      ? one
      : [...Array(one.length).keys()].map((i) => `\\u${one.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}
