import type { Collector } from '../../collect/collector.ts';
import { canProbe, type Exporter } from '../../collect/exporter.ts';
import type { YamlScalar } from '../../yaml/go-scalars.ts';
import type { YamlPath } from '../../yaml/strict-yaml.ts';
import { modulesSection } from './modules-section.ts';
import type { SecretFiles, Secrets } from './secrets.ts';

/** A top-level key of the config file that is not a flag, such as `modules`; read at each reload. */
export interface ConfigSection {
  /**
   * @param raw plain data, as YAML has it; `undefined` where the file, or the key in it, is missing.
   * @param where `file:line` of what stands at a path below the key.
   * @param written the scalar at a path below the key.
   * @throws ConfigError with one line for each problem, or any Error.
   */
  read(
    raw: unknown,
    where: (path: YamlPath) => string,
    about: SectionContext,
    written: (path: YamlPath) => YamlScalar | undefined,
  ): unknown;
  /** Its JSON Schema, for editors; default: anything. */
  schema?(): object | Promise<object>;
  /** What it read as plain data without secrets, for `--config.print`; default: it is not printed. */
  shown?(value: unknown): unknown;
}

/** What a section is read with. */
export interface SectionContext {
  /** Called for each. */
  readonly secrets: Secrets;
  /** Reads those that are in files. */
  readonly read: SecretFiles;
  /** A file's path, relative to the config file. */
  pathOf(path: string): string;
  /** All collectors of the exporter. */
  readonly collectors: readonly Collector[];
}

/** Sections by their key. */
export type ConfigSections = { readonly [key: string]: ConfigSection };

/** The sections of an exporter's config file beside its flags. */
export function configSections(exporter: Exporter): ConfigSections {
  return !canProbe(exporter) ? {} : { modules: modulesSection(exporter) };
}
