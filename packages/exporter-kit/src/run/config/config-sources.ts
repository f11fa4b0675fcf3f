import { dirname, resolve } from 'node:path';
import { pathText, type YamlPath } from '../../yaml/strict-yaml.ts';
import type { FlagValues } from '../flags/flag.ts';
import { variableOf } from '../flags/read-flags.ts';
import type { FileSays } from './config-file.ts';

/** Where a value comes from; each wins over those behind it. */
const origins = ['command line', 'environment', 'file'] as const;

/** Where a value comes from. */
export type Origin = (typeof origins)[number];

/** What command line, environment and config file say together, with the origin of each value. */
export interface ConfigSources {
  readonly values: FlagValues;
  /** `undefined` where nothing is given. */
  originOf(flag: string): Origin | undefined;
  /** How messages name a flag, or what is at a path inside its value: as it was written. */
  nameOf(flag: string, inside?: YamlPath): string;
  /** A path that a flag names, relative to the config file if it is given there. */
  pathOf(flag: string, path: string): string;
}

/** Puts the values of the sources together. */
export function configSources(
  program: string,
  given: FlagValues,
  environment: FlagValues,
  file?: FileSays,
): ConfigSources {
  const sources = [given, environment, file?.values ?? new Map()];
  const originOf = (flag: string): Origin | undefined => origins[sources.findIndex((source) => source.has(flag))];
  return {
    values: new Map([...sources].reverse().flatMap((source) => [...source])),
    originOf,
    nameOf(flag, inside = []) {
      const origin = originOf(flag);
      if (origin === 'file') {
        const path = [...file!.places.get(flag)!, ...inside];
        return `${file!.where(path)}: ${pathText(path)}`;
      }
      const name = origin === 'environment' ? `$${variableOf(program, flag)}` : `--${flag}`;
      return inside.length === 0 ? name : `${name}: ${pathText(inside)}`;
    },
    pathOf: (flag, path) => (originOf(flag) === 'file' ? resolve(dirname(file!.path), path) : path),
  };
}

/** Whether one flag's value wins over another's, by where they come from. */
export function winsOver({ originOf }: ConfigSources, one: string, other: string): boolean {
  const [a, b] = [originOf(one), originOf(other)];
  return a !== undefined && (b === undefined || origins.indexOf(a) < origins.indexOf(b));
}
