import { dirname, resolve } from 'node:path';
import type { FileSays } from './config-file.ts';
import { type FlagValues, variableOf } from './flags.ts';

/** What the three sources say together. */
export interface Said {
  readonly values: FlagValues;
  /** Who says it: 0 the command line, 1 the environment, 2 the file; `undefined` where none does. */
  levelOf(flag: string): number | undefined;
  /** How messages name a flag: as the one who wrote it has. */
  nameOf(flag: string): string;
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
    nameOf(flag) {
      const level = levelOf(flag);
      if (level === 1) return `$${variableOf(program, flag)}`;
      return level === 2 ? file!.places.get(flag)! : `--${flag}`;
    },
    pathOf: (flag, path) => (levelOf(flag) === 2 ? resolve(dirname(file!.path), path) : path),
  };
}
