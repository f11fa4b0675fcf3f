import { unfitForSecret } from '../../disk/secret-text.ts';
import { readErrorReason } from '../../errors/thrown.ts';
import { MASK, secretsMasker } from '../../probe/mask.ts';
import type { YamlPath } from '../../yaml/strict-yaml.ts';
import type { FlagValues } from '../flags/flag.ts';
import { ConfigError } from './config-error.ts';
import { type ConfigSources, winsOver } from './config-sources.ts';
import { fromText, type Setting, typed } from './schema/settings.ts';
import type { Shape } from './schema/shape.ts';
import { fileKeysIn, replaced, secretsIn } from './schema/shaped.ts';
import { type FilesRead, readText } from './watched-files.ts';

export { MASK };

// Several for each of thousands of targets.
const MOST_REMEMBERED = 10_000;

/** Secrets of this process, to keep them out of what it prints. */
export interface Secrets {
  add(value: string): void;
  /** The text with {@link MASK} for every secret in it of four characters or more, as it is, in JSON and in URLs. */
  mask(text: string): string;
}

/** Remembers the last 10,000 secrets, rotated ones too. */
export function rememberSecrets(): Secrets {
  const known = new Set<string>();
  let mask: ((text: string) => string) | undefined;
  return {
    add(value) {
      if (known.has(value)) return;
      known.add(value);
      if (known.size > MOST_REMEMBERED) known.delete(known.values().next().value!);
      mask = undefined;
    },
    mask(text) {
      mask ??= secretsMasker(known);
      return mask(text);
    },
  };
}

/** The text with {@link MASK} for the passwords in its URLs. */
export const withoutUrlPasswords = (text: string): string =>
  text.replace(PASSWORD_IN_URL, `$1${MASK}`).replace(PASSWORD_PARAMETER, `$1${MASK}`);

const PASSWORD_IN_URL = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:"]*:)[^\s/@"]+(?=@)/gi;
// As libpq takes it.
const PASSWORD_PARAMETER = /(:\/\/[^\s?"]*\?(?:[^\s"#]*&)?password=)[^\s"&#]+/gi;
const MASK_IN_URL = new RegExp(`:\\/\\/[^\\s/@:"]*:${MASK}@|[?&]password=${MASK}`, 'i');

/** Paths of the texts in a value that have the mask. */
export function masksIn(value: unknown, hasMask: (text: string) => boolean, path: YamlPath = []): YamlPath[] {
  if (typeof value === 'string') return hasMask(value) ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, one]) => masksIn(one, hasMask, [...path, key]));
}

/** The sources, with secrets read from their files. */
export interface WithSecrets extends ConfigSources {
  /** Values as written: with file names in place of secrets. */
  readonly written: FlagValues;
}

/**
 * Reads secrets from files into the values, under the secrets' own names, and remembers all secrets. Trailing line ends of a
 * file are dropped.
 *
 * @param read reads each file once, also over several calls.
 * @throws ConfigError if a file can't be read, or if a secret and its file are given in the same source.
 */
export async function readSecrets(
  settings: readonly Setting[],
  sources: ConfigSources,
  secrets: Secrets,
  read: SecretFiles,
): Promise<WithSecrets> {
  const values = new Map(sources.values);
  const problems: string[] = [];
  for (const { flag, fileOf } of settings) {
    if (fileOf === undefined) continue;
    const { shape } = settings.find((one) => one.flag.name === fileOf)!;
    if (winsOver(sources, flag.name, fileOf)) {
      const path = sources.pathOf(flag.name, String(values.get(flag.name)));
      await read.into(problems, sources.nameOf(flag.name), path, (text) => values.set(fileOf, fromText(shape, text)));
    } else if (sources.originOf(flag.name) !== undefined && sources.originOf(flag.name) === sources.originOf(fileOf)) {
      problems.push(`${sources.nameOf(fileOf)} and ${sources.nameOf(flag.name)} are both given; leave one out.`);
    }
  }
  for (const { flag, shape, fileOf } of settings) {
    const nameOf = (path: YamlPath): string => sources.nameOf(flag.name, path);
    for (const path of masksIn(values.get(flag.name), (text) => MASK_IN_URL.test(text))) {
      problems.push(
        `${nameOf(path)}: ${MASK} in the URL stands for a password that --config.print left out; write it.`,
      );
    }
    if (!flag.secret || fileOf !== undefined) continue;
    const written = typed(flag.type, values.get(flag.name));
    const value = await fillSecrets(shape, written, (path) => sources.pathOf(flag.name, path), nameOf, read, problems);
    if (value !== written) values.set(flag.name, value);
    rememberAll(shape, value ?? shape.default, nameOf, secrets, problems);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...sources, values, written: sources.values };
}

/** Reads files that hold secrets, each once, so that a file that changes meanwhile yields one value. */
export interface SecretFiles {
  /** The files that could be read. */
  readonly files: FilesRead;
  /** Passes the content of a file to `put`, or notes why it can't be read. */
  into(problems: string[], name: string, path: string, put: (text: string) => unknown): Promise<void>;
}

/** Creates one that has read nothing. */
export function secretFiles(): SecretFiles {
  const reads = new Map<string, ReturnType<typeof readText>>();
  const files = new Map<string, string>();
  return {
    files,
    async into(problems, name, path, put) {
      const read = reads.get(path) ?? readText(path);
      reads.set(path, read);
      try {
        const { text, digest } = await read;
        files.set(path, digest);
        const why = unfitForSecret(text);
        if (why === undefined) put(text.replace(/[\r\n]+$/, ''));
        else problems.push(`${name}: ${path} ${why}.`);
      } catch (error) {
        problems.push(`${name}: cannot read ${path}: ${readErrorReason(error)}.`);
      }
    },
  };
}

/** Replaces file names in a value (`key-file`) by the secrets in those files (`key`). */
export async function fillSecrets(
  shape: Shape,
  value: unknown,
  pathOf: (path: string) => string,
  nameOf: (path: YamlPath) => string,
  read: SecretFiles,
  problems: string[],
): Promise<unknown> {
  let filled = value;
  for (const { path, secret, value: file, shape: its } of fileKeysIn(shape, value)) {
    const key = String(secret.at(-1));
    const holder = secret.slice(0, -1).reduce((one, step) => (one as Record<string, unknown>)[step], value);
    if (Object.hasOwn(holder as object, key)) {
      problems.push(`${nameOf(secret)} and ${nameOf(path)} are both given; leave one out.`);
    } else if (typeof file !== 'string') problems.push(`${nameOf(path)} must be a string, the name of a file.`);
    else {
      await read.into(problems, nameOf(path), pathOf(file), (text) => {
        filled = replaced(filled, path, fromText(its, text), key);
      });
    }
  }
  return filled;
}

/** Remembers the secrets in a value; the mask itself is noted as a problem. */
export function rememberAll(
  shape: Shape,
  value: unknown,
  nameOf: (path: YamlPath) => string,
  secrets: Secrets,
  problems: string[],
): void {
  for (const { path, value: secret } of secretsIn(shape, value)) {
    if (secret !== MASK) secrets.add(String(secret));
    else {
      const where = nameOf(path);
      problems.push(`${where}: ${MASK} stands for what --config.print left out; write the secret, or name its file.`);
    }
  }
}
