import type { Flag } from '../flags/flag.ts';
import type { Configuration } from './configuration.ts';
import type { ConfigInputs } from './declared.ts';
import { leafLines } from './leaf-lines.ts';
import { isMap } from './read-tree.ts';
import { withoutUrlPasswords } from './secrets.ts';
import { yamlText } from './yaml-text.ts';

/**
 * The configuration in effect as a config file that can be loaded again, each value with its origin. Values that are not
 * given are comments. Of a secret in a file, the file's name is printed; others are masked, as are passwords in URLs, and the
 * mask is rejected when it is read; secrets from flags or the environment are comments.
 */
export async function configText({ exporter, sections }: ConfigInputs, configuration: Configuration): Promise<string> {
  const { flags, settings, sources, running, namedTargets } = configuration;
  const text = await yamlText();
  const own = new Map(settings.map((setting) => [setting.flag.name, setting]));

  function inEffect(flag: Flag): unknown {
    const { name } = flag;
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

  /** The map of a source's named targets, each with what is given below its name. */
  function targetLines(indent: string, key: string, flag: Flag): string[] | undefined {
    const named = namedTargets.get(flag.name);
    const ofSource = configuration.sourceSettings.find(({ targets }) => targets?.name === flag.name);
    if (named === undefined || ofSource === undefined) return undefined;
    const origin = `# ${sources.nameOf(flag.name).replace(/\s/g, ' ')}`;
    if (named.length === 0) return [`${indent}${text(key)}: {} ${origin}`];
    const targets = named.flatMap(({ name, sources: given }) => {
      const flags = ofSource.own.map((setting) => setting.flag).filter((one) => given.written.has(one.name));
      const lines = leafLines({ flags, settings: ofSource.own, sources: given, text }, `${indent}    `);
      const isEmpty = lines.every((line) => line.trimStart().startsWith('#'));
      return [`${indent}  ${text(name)}:${isEmpty ? ' {}' : ''}`, ...lines];
    });
    return [`${indent}${text(key)}: ${origin}`, ...targets];
  }

  const lines = leafLines({ flags, settings, sources, text, inEffect, special: targetLines }, '');
  for (const [key, section] of Object.entries(sections)) {
    if (section.shown === undefined) continue;
    const shown = section.shown(configuration.sections.get(key));
    if (shown !== undefined) lines.push(...block({ [key]: shown }, ''));
  }
  const shown = withoutUrlPasswords(lines.join('\n'));
  return `# ${exporter.name} ${exporter.version}: the configuration in effect.\n${shown}\n`;

  /** A map in block style, whose other values are on one line each. */
  function block(map: object, indent: string): string[] {
    return Object.entries(map).flatMap(([key, value]) =>
      isMap(value) && Object.keys(value).length > 0
        ? [`${indent}${text(key)}:`, ...block(value, `${indent}  `)]
        : [`${indent}${text(key)}: ${text(value)}`],
    );
  }
}
