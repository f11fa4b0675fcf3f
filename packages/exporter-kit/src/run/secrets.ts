import { whyUnread } from '../config/why-unread.ts';
import { ConfigError } from './config-error.ts';
import { type Flag, readArguments, readEnvironment } from './flags.ts';
import { overlay, type Said } from './layers.ts';
import { type Setting, type Shape, typed } from './settings.ts';
import { type FilesRead, readText } from './watched-file.ts';

/** What stands where a secret would. */
export const MASK = '<secret>';

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

/**
 * Reads flags from the command line and the environment, and the secrets that are in files.
 *
 * @throws UsageError as `readFlags` and {@link readSecrets} do.
 */
export async function readWithSecrets(
  { program, flags, settings, argv, env }: FlagSources,
  secrets: Secrets,
): Promise<Said> {
  const raw = overlay(program, readArguments(flags, argv), readEnvironment(program, flags, env), undefined);
  return (await readSecrets(settings, raw, secrets)).said;
}

/** Where {@link readWithSecrets} reads. */
export interface FlagSources {
  readonly program: string;
  readonly flags: readonly Flag[];
  readonly settings: readonly Setting[];
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Reads the secrets that are in files, so that they stand among the values under their own names; all of them are
 * remembered. Line ends at the end of a file do not count.
 *
 * @returns the values, and the files that were read.
 * @throws ConfigError when a file can't be read, or when a secret and a file for it are given at the same place.
 */
export async function readSecrets(
  settings: readonly Setting[],
  said: Said,
  secrets: Secrets,
): Promise<{ said: Said; files: FilesRead }> {
  const values = new Map(said.values);
  const files = new Map<string, string>();
  const problems: string[] = [];
  for (const { flag, fileOf } of settings) {
    if (fileOf === undefined) continue;
    const [here, inFile] = [said.levelOf(fileOf), said.levelOf(flag.name)];
    if (inFile !== undefined && here === inFile) {
      problems.push(`${said.nameOf(fileOf)} and ${said.nameOf(flag.name)} are both given; leave one out.`);
    } else if (inFile !== undefined && (here === undefined || inFile < here)) {
      const file = said.pathOf(flag.name, String(values.get(flag.name)));
      try {
        const { text, digest } = await readText(file);
        files.set(file, digest);
        values.set(fileOf, text.replace(/[\r\n]+$/, ''));
      } catch (error) {
        problems.push(`${said.nameOf(flag.name)}: cannot read ${file}: ${whyUnread(error)}.`);
      }
    }
  }
  for (const { flag, shape } of settings) {
    if (flag.secret) for (const value of secretsIn(shape, typed(flag.type, values.get(flag.name)))) secrets.add(value);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { said: { ...said, values }, files };
}

/** The secrets in a value, by its shape. */
function secretsIn(shape: Shape, value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (shape.secret) return [String(value)];
  if (typeof value !== 'object') return (shape.anyOf ?? []).flatMap((one) => secretsIn(one, value));
  const { properties = {}, items, additionalProperties, anyOf = [] } = shape;
  const others = typeof additionalProperties === 'object' ? additionalProperties : {};
  const inside = Array.isArray(value)
    ? value.flatMap((item) => secretsIn(items ?? {}, item))
    : Object.entries(value).flatMap(([key, one]) => secretsIn(properties[key] ?? others, one));
  return [...inside, ...anyOf.flatMap((one) => secretsIn(one, value))];
}
