import { MASK } from '../../probe/mask.ts';
import type { YamlPath } from '../../yaml/strict-yaml.ts';
import { whyUnread } from '../../yaml/why-unread.ts';
import type { FlagValues } from '../flags/flag.ts';
import { ConfigError } from './config-error.ts';
import { type ConfigSources, winsOver } from './config-sources.ts';
import { fromText, type Setting, typed } from './settings.ts';
import type { Shape } from './shape.ts';
import { fileKeysIn, replaced, secretsIn } from './shaped.ts';
import { type FilesRead, readText } from './watched-files.ts';

export { MASK };

// What is shorter occurs in words that are none.
const LEAST_CHARACTERS = 4;
const MOST_REMEMBERED = 100;

/** Knows the secrets of this process, so that none of them is printed. */
export interface Secrets {
  add(value: string): void;
  /** The text with {@link MASK} for every secret in it of four characters or more, as it is, in JSON and in URLs. */
  mask(text: string): string;
}

/** Remembers secrets; also those that are not valid any more, the last hundred. */
export function rememberSecrets(): Secrets {
  const known = new Map<string, readonly string[]>();
  let any: RegExp | undefined;
  return {
    add(value) {
      if (value.length < LEAST_CHARACTERS || known.has(value)) return;
      known.set(value, [value, JSON.stringify(value).slice(1, -1), encoded(value)]);
      if (known.size > MOST_REMEMBERED) known.delete(known.keys().next().value!);
      // The longest first, as one may begin with another; at once, as one may be a part of the mask.
      const forms = [...known.values()].flat().sort((a, b) => b.length - a.length);
      any = new RegExp(forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
    },
    mask: (text) => (any === undefined ? text : text.replace(any, MASK)),
  };
}

function encoded(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    // Half a surrogate pair.
    return value;
  }
}

/** What the sources say, with the secrets that are in files. */
export interface WithSecrets extends ConfigSources {
  /** As it was written: with the names of files in place of secrets. */
  readonly written: FlagValues;
}

/**
 * Reads the secrets that are in files, so that they stand among the values under their own names; all of them are
 * remembered. Line ends at the end of a file do not count.
 *
 * @param read reads each file once, however many settings name it and however often this is called with it.
 * @throws ConfigError when a file can't be read, or when a secret and a file for it are given at the same place.
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
    if (!flag.secret || fileOf !== undefined) continue;
    const nameOf = (path: YamlPath): string => sources.nameOf(flag.name, path);
    const written = typed(flag.type, values.get(flag.name));
    const value = await fillSecrets(shape, written, (path) => sources.pathOf(flag.name, path), nameOf, read, problems);
    if (value !== written) values.set(flag.name, value);
    rememberAll(shape, value ?? shape.default, nameOf, secrets, problems);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...sources, values, written: sources.values };
}

/** Reads files that hold secrets, each once: a file that changes meanwhile can't be half of one value and half of another. */
export interface SecretFiles {
  /** The files that could be read. */
  readonly files: FilesRead;
  /** Hands on what a file holds, or notes why it can't be read. */
  into(problems: string[], name: string, path: string, put: (text: string) => unknown): Promise<void>;
}

/** Reads nothing yet. */
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
        put(text.replace(/[\r\n]+$/, ''));
      } catch (error) {
        problems.push(`${name}: cannot read ${path}: ${whyUnread(error)}.`);
      }
    },
  };
}

/** The value with what the files hold that it names in place of secrets (`key-file` in place of `key`). */
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

/** Remembers the secrets in a value; one that is only the mask is none. */
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
