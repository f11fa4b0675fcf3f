import { resolve } from 'node:path';
import type { Flag } from '../flags/flag.ts';
import { type FlagTree, ITSELF, treeOf } from '../flags/flag-tree.ts';
import { winsOver } from './config-sources.ts';
import { type Setting, typed } from './schema/settings.ts';
import { filesNamed, withSecrets } from './schema/shaped.ts';
import { MASK, type WithSecrets } from './secrets.ts';

/** Flags to print as lines of a config file. */
export interface LeavesToPrint {
  readonly flags: readonly Flag[];
  readonly settings: readonly Setting[];
  readonly sources: WithSecrets;
  /** Writes a value on one line. */
  readonly text: (value: unknown) => string;
  /** The value of a flag that is not given; default: none. */
  readonly inEffect?: (flag: Flag) => unknown;
  /** Lines of a flag that is printed in another way. */
  readonly special?: (indent: string, key: string, flag: Flag) => string[] | undefined;
}

/** The tree of flags as lines of a config file, each value with its origin. Secrets are masked. */
export function leafLines(
  { flags, settings, sources, text, inEffect = () => undefined, special = () => undefined }: LeavesToPrint,
  indent: string,
): string[] {
  const own = new Map(settings.map((setting) => [setting.flag.name, setting]));
  const lines: string[] = [];

  function valueIn(flag: Flag): unknown {
    const { name, type } = flag;
    return sources.written.has(name) ? written(name, typed(type, sources.written.get(name))) : inEffect(flag);
  }

  /** File names are absolute, since the output may be loaded from elsewhere. */
  function written(name: string, value: unknown): unknown {
    const pathOf = (path: string): string => sources.pathOf(name, path);
    const { shape, fileOf } = own.get(name) ?? {};
    if (fileOf !== undefined || name === 'web.config.file')
      return value === '' ? value : resolve(pathOf(String(value)));
    return shape === undefined ? value : filesNamed(shape, value, pathOf);
  }

  function leaf(at: string, key: string, flag: Flag): void {
    const otherwise = special(at, key, flag);
    if (otherwise !== undefined) return void lines.push(...otherwise);
    const { shape, fileOf } = own.get(flag.name) ?? {};
    const value = isOutdone(flag.name, fileOf) ? undefined : valueIn(flag);
    if (value === undefined) return void lines.push(`${at}# ${text(key)}: not given`);
    const shown = flag.secret ? withSecrets(shape!, value, () => MASK) : value;
    // The secret is not in the file, so this line can't be either.
    const elsewhere =
      shown === MASK
        ? sources.originOf(flag.name) !== 'file'
        : flag.secret && sources.originOf(flag.name) === undefined;
    lines.push(`${at}${elsewhere ? '# ' : ''}${text(key)}: ${text(shown)} # ${originOf(flag.name)}`);
  }

  /** Whether of a secret and its file, this is the one that is not in effect. */
  function isOutdone(name: string, fileOf: string | undefined): boolean {
    if (fileOf !== undefined) return !winsOver(sources, name, fileOf);
    return own.has(`${name}-file`) && winsOver(sources, `${name}-file`, name);
  }

  function originOf(flag: string): string {
    return sources.originOf(flag) === undefined ? 'default' : sources.nameOf(flag).replace(/\s/g, ' ');
  }

  function walk({ flag, below }: FlagTree, at: string): void {
    if (flag !== undefined) leaf(at, ITSELF, flag);
    for (const [key, node] of below) {
      if (node.below.size === 0) leaf(at, key, node.flag!);
      else {
        lines.push(`${at}${text(key)}:`);
        walk(node, `${at}  `);
      }
    }
  }

  walk(treeOf(flags), indent);
  return lines;
}
