import type { Exporter } from '../../collect/exporter.ts';
import type { YamlScalar } from '../../yaml/go-scalars.ts';
import type { YamlPath } from '../../yaml/strict-yaml.ts';
import { modulesPart } from './modules-section.ts';
import type { SecretFiles, Secrets } from './secrets.ts';

/** Reads one top-level key of the config file that is no flag, such as `modules`; anew at each reload. */
export interface ConfigPart {
  /**
   * @param raw plain data, as YAML has it; `undefined` where the file, or the key in it, is missing.
   * @param where `file:line` of what stands at a path below the key.
   * @param about the secrets in it.
   * @param written the scalar at a path below the key.
   * @throws ConfigError with one line for each problem, or any Error.
   */
  read(
    raw: unknown,
    where: (path: YamlPath) => string,
    about: PartSecrets,
    written: (path: YamlPath) => YamlScalar | undefined,
  ): unknown;
  /** Its JSON Schema, for editors; default: anything. */
  schema?(): object | Promise<object>;
  /** What it read as plain data without secrets, for `--config.print`; default: it is not printed. */
  shown?(value: unknown): unknown;
}

/** What a part does with its secrets. */
export interface PartSecrets {
  /** To be told of each. */
  readonly secrets: Secrets;
  /** Reads those that are in files. */
  readonly read: SecretFiles;
  /** A file's path, from where the config file means it. */
  pathOf(path: string): string;
}

/** Parts by their key. */
export type ConfigParts = { readonly [key: string]: ConfigPart };

/** The parts that an exporter's config file has beside the flags. */
export function partsOf(exporter: Exporter): ConfigParts {
  return exporter.probes.length === 0 ? {} : { modules: modulesPart(exporter) };
}
