import { readErrorReason } from '../../errors/thrown.ts';
import { pathText, readStrictYaml, type StrictYaml, type YamlPath } from '../../yaml/strict-yaml.ts';
import type { Flag, FlagValues } from '../flags/flag.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigSections } from './config-sections.ts';
import { isMap, readTree } from './read-tree.ts';
import { readText } from './watched-files.ts';

/** A config file, read. */
export interface ConfigFile {
  readonly path: string;
  readonly digest: string;
  readonly yaml: StrictYaml;
}

/** Reads a config file as YAML. @throws ConfigError if it can't be read, or is not plain YAML. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  try {
    const { text, digest } = await readText(path);
    const yaml = await readStrictYaml(text, path);
    if (yaml.value === undefined || isMap(yaml.value)) return { path, digest, yaml };
    throw new Error(`${path}:1: a config file is a map; write key: value.`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const unread = `--config.file: cannot read ${path}: ${readErrorReason(error)}.`;
    throw new ConfigError([code === undefined ? message : unread]);
  }
}

/** Values and sections of a config file. */
export interface FileSays {
  readonly path: string;
  readonly values: FlagValues;
  /** Path of each flag's value in the file. */
  readonly places: ReadonlyMap<string, YamlPath>;
  /** `file:line` of what stands at a path. */
  where(path: YamlPath): string;
  /** A scalar as written, without quotes. */
  written(path: YamlPath): string | undefined;
  readonly sections: ReadonlyMap<string, unknown>;
  readonly problems: readonly string[];
}

/**
 * Finds the flags in a config file, by the tree of their names.
 *
 * @param lenient ignores unknown keys; they may become known later.
 */
export function readConfig(
  { path: file, yaml }: ConfigFile,
  flags: readonly Flag[],
  sections: ConfigSections = {},
  lenient = false,
): FileSays {
  const text = {
    nameOf: (path: YamlPath): string => `${yaml.where(path)}: ${pathText(path)}`,
    written: yaml.written,
  };
  const map = isMap(yaml.value) ? yaml.value : {};
  const { others, ...found } = readTree(map, flags, text, { others: Object.keys(sections), lenient });
  return { path: file, where: yaml.where, written: yaml.written, sections: others, ...found };
}
