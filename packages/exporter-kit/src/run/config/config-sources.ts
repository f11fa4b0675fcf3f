import { dirname, resolve } from 'node:path';
import { pathText, type YamlPath } from '../../yaml/strict-yaml.ts';
import { type FlagValues, variableOf } from '../flags/flags.ts';
import type { FileSays } from './config-file.ts';

/** What the three sources say together. */
export interface Said {
  readonly values: FlagValues;
  /** Who says it: 0 the command line, 1 the environment, 2 the file; `undefined` where none does. */
  levelOf(flag: string): number | undefined;
  /** How messages name a flag, or what is at a path inside its value: as the one who wrote it has. */
  nameOf(flag: string, inside?: YamlPath): string;
  /** A path that a flag names, from where its user means it: the working directory, or the config file's. */
  pathOf(flag: string, path: string): string;
}

/** Puts what the sources say over each other: the command line wins over the environment, and that over the file. */
export function overlay(program: string, flags: FlagValues, environment: FlagValues, file: FileSays | undefined): Said {
  const layers = [flags, environment, file?.values ?? new Map()];
  const levelOf = (flag: string): number | undefined => {
    const level = layers.findIndex((layer) => layer.has(flag));
    return level < 0 ? undefined : level;
  };
  return {
    values: new Map([...layers].reverse().flatMap((layer) => [...layer])),
    levelOf,
    nameOf(flag, inside = []) {
      const level = levelOf(flag);
      if (level === 2) {
        const path = [...file!.places.get(flag)!, ...inside];
        return `${file!.where(path)}: ${pathText(path)}`;
      }
      const name = level === 1 ? `$${variableOf(program, flag)}` : `--${flag}`;
      return inside.length === 0 ? name : `${name}: ${pathText(inside)}`;
    },
    pathOf: (flag, path) => (levelOf(flag) === 2 ? resolve(dirname(file!.path), path) : path),
  };
}
