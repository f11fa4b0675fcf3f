import { presetOf } from './config-schema.ts';
import type { Configuration } from './configuration.ts';
import type { Sources } from './declared.ts';
import { type FlagTree, ITSELF, treeOf } from './flag-tree.ts';
import type { Flag } from './flags.ts';
import { MASK } from './secrets.ts';
import { typed } from './settings.ts';

/**
 * The configuration in effect, as a config file would have it, each value with where it comes from. Secrets and what is not
 * given are comments, so that the whole is a config file again.
 */
export async function configText({ exporter, parts }: Sources, configuration: Configuration): Promise<string> {
  const { flags, settings, said, running } = configuration;
  const { stringify } = await import('yaml');
  const shapes = new Map(settings.map(({ flag, shape }) => [flag.name, shape]));
  const lines = [`# ${exporter.name} ${exporter.version}: the configuration in effect.`];

  function inEffect({ name, type, preset }: Flag): unknown {
    if (said.values.has(name)) return typed(type, said.values.get(name));
    const collector = configuration.collectors.find((one) => `collector.${one.name}` === name);
    if (collector !== undefined) return running.includes(collector);
    return shapes.has(name) ? shapes.get(name)?.default : presetOf(type, preset);
  }

  function leaf(indent: string, key: string, flag: Flag): void {
    const value = inEffect(flag);
    const from = sourceOf(flag.name);
    if (value === undefined) lines.push(`${indent}# ${key}: not given`);
    else if (flag.secret) lines.push(`${indent}# ${key}: ${MASK} # ${from}`);
    else lines.push(`${indent}${key}: ${text(value)} # ${from}`);
  }

  function text(value: unknown): string {
    if (typeof value === 'string' && /[\r\n]/.test(value)) return JSON.stringify(value);
    return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
  }

  function sourceOf(flag: string): string {
    return said.levelOf(flag) === undefined ? 'default' : said.nameOf(flag);
  }

  function walk({ flag, below }: FlagTree, indent: string): void {
    if (flag !== undefined) leaf(indent, ITSELF, flag);
    for (const [key, node] of below) {
      if (node.below.size === 0) leaf(indent, key, node.flag!);
      else {
        lines.push(`${indent}${key}:`);
        walk(node, `${indent}  `);
      }
    }
  }

  walk(treeOf(flags), '');
  for (const [key, part] of Object.entries(parts)) {
    if (part.shown === undefined) continue;
    lines.push(stringify({ [key]: part.shown(configuration.parts.get(key)) }).trimEnd());
  }
  return `${lines.join('\n')}\n`;
}
