import { messageOf } from '../../errors/thrown.ts';
import { FlagError } from '../usage-error.ts';

/**
 * One flag of a program. It is an environment variable too, and a key of the config file whose path is the flag's name:
 * `web.listen-address` is `listen-address` below `web`.
 */
export interface Flag {
  /** Without dashes, such as `web.listen-address`. */
  readonly name: string;
  /** Another name that means the same, on the command line and as an environment variable. */
  readonly alias?: string;
  /** `json` is a value that no single flag can express: written as JSON on the command line, as plain YAML in the file. */
  readonly type: 'text' | 'number' | 'switch' | 'list' | 'numbers' | 'json';
  readonly help: string;
  /** Placeholder for the value in help, such as `HOST:PORT`. */
  readonly value?: string;
  /** The default, as the config file would have it. */
  readonly default?: unknown;
  /** The default as help shows it, or in words what happens without the flag. */
  readonly defaultText?: string;
  /** A switch that also has a `--no-` form. */
  readonly negatable?: boolean;
  /** Neither an environment variable nor a key of the config file. */
  readonly commandLineOnly?: boolean;
  /** Not a key of the config file, since it is about the config file. */
  readonly outsideFile?: boolean;
  /** Read once, at the start; a reload does not change it. */
  readonly startOnly?: boolean;
  /** Whether null is a value; the config file and JSON can express it. */
  readonly nullable?: boolean;
  /** Never printed. */
  readonly secret?: boolean;
  /** Left out of help. */
  readonly hidden?: boolean;
}

/** Values of flags by name, as they were given; absent where none was. */
export type FlagValues = ReadonlyMap<string, unknown>;

/** A flag of the kit itself, which knows what its value means. */
export interface TypedFlag<T> extends Flag {
  /** Reads the value that was given; `undefined` stands for none, and yields the default. */
  read(given: unknown): T;
}

/** How the text of a value is read, and written again for help. */
export interface Form<T> {
  readonly value?: string;
  /** @throws Error with what is wrong and what to write instead. */
  parse(text: string): T;
  /** Default: `String(value)`. */
  write?(value: T): string;
}

type Options = Pick<Flag, 'commandLineOnly' | 'hidden' | 'outsideFile' | 'secret' | 'startOnly'>;

/** What {@link flag} takes. */
export interface FlagDeclaration<T> extends Form<T>, Options {
  readonly name: string;
  readonly help: string;
  readonly default?: T | undefined;
  /** Where there is no default, or it is '': what happens without the flag, in words. */
  readonly otherwise?: string;
}

/**
 * Declares a flag with one value.
 *
 * @example
 * flag({ name: 'web.drain-delay', help: 'How long to …', default: 0, ...duration() })
 */
export function flag<T>(declaration: FlagDeclaration<T> & { readonly default: T }): TypedFlag<T>;
export function flag<T>(declaration: FlagDeclaration<T>): TypedFlag<T | undefined>;
export function flag<T>({
  parse,
  write = String,
  otherwise,
  default: preset,
  ...spec
}: FlagDeclaration<T>): TypedFlag<T | undefined> {
  const written = preset === undefined ? '' : write(preset);
  return {
    ...spec,
    type: 'text',
    ...(written !== '' ? { default: written, defaultText: written } : otherwise && { defaultText: otherwise }),
    read: (given) => (given === undefined ? preset : parse(String(given))),
  };
}

/** What {@link list} takes; the form is that of one item. */
export interface ListDeclaration<T> extends Form<T>, Options {
  readonly name: string;
  readonly help: string;
  /** Also in effect where the list is empty. */
  readonly default?: readonly T[];
  readonly otherwise?: string;
}

/** Declares a flag that may be given several times. */
export function list<T>(declaration: ListDeclaration<T> & { readonly default: readonly T[] }): TypedFlag<readonly T[]>;
export function list<T>(declaration: ListDeclaration<T>): TypedFlag<readonly T[] | undefined>;
export function list<T>({
  parse,
  write = String,
  otherwise,
  default: preset,
  ...spec
}: ListDeclaration<T>): TypedFlag<readonly T[] | undefined> {
  const shown = preset?.map(write).join(',') || otherwise;
  return {
    ...spec,
    type: 'list',
    ...(preset !== undefined && preset.length > 0 && { default: preset.map(write) }),
    ...(shown !== undefined && { defaultText: shown }),
    read(given) {
      const items = given === undefined ? [] : [given].flat();
      if (given === undefined || (items.length === 0 && preset !== undefined)) return preset;
      return items.map((item) => parse(String(item)));
    },
  };
}

/** What {@link toggle} takes. */
export interface ToggleDeclaration extends Options, Pick<Flag, 'name' | 'help' | 'negatable'> {
  /** Shown in help; without one it is off, which goes without saying. */
  readonly default?: boolean;
}

/** Declares a switch. */
export function toggle({ default: preset, ...spec }: ToggleDeclaration): TypedFlag<boolean> {
  return {
    ...spec,
    type: 'switch',
    ...(preset === undefined ? {} : { default: preset, defaultText: String(preset) }),
    read: (given) => (given === undefined ? (preset ?? false) : given === true),
  };
}

/** The flags whose values make up a record, under the same keys. */
export type FlagsOf<Values> = { readonly [K in keyof Values]: TypedFlag<Values[K]> };

/**
 * Reads flags into the record of their values.
 *
 * @param attempt collects what is thrown, to go on with the next flag; default: it is thrown.
 * @throws FlagError naming the flag whose value makes no sense.
 */
export function valuesOf<Values>(
  flags: FlagsOf<Values>,
  values: FlagValues,
  attempt: (read: () => unknown) => unknown = (read) => read(),
): Values {
  const entries = Object.entries<TypedFlag<unknown>>(flags).map(([key, one]) => [
    key,
    attempt(() => named(one.name, () => one.read(values.get(one.name)))),
  ]);
  return Object.fromEntries(entries) as Values;
}

/** @throws FlagError for whatever `read` throws. */
export function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new FlagError(name, messageOf(cause), { cause });
  }
}
