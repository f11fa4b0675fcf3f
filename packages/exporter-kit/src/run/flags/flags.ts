import { parseArgs } from 'node:util';
import { nearest } from '../../yaml/nearest.ts';
import { UsageError } from '../usage-error.ts';

/**
 * One flag of a program. It is an environment variable too, and a key of the config file whose path is the flag's name:
 * `web.listen-address` is `listen-address` below `web`.
 */
export interface Flag {
  /** Without dashes, such as `web.listen-address`. */
  readonly name: string;
  /** `json` has parts that flags can't express: on the command line it is written as JSON, in the file as it is. */
  readonly type: 'text' | 'number' | 'switch' | 'list' | 'numbers' | 'json';
  readonly help: string;
  /** Shown in help, such as `HOST:PORT`. */
  readonly value?: string;
  /** Shown in help; what is used without the flag is up to the reader of the values. */
  readonly preset?: string;
  /** The preset is words of what happens without it, not a value. */
  readonly presetIsWords?: boolean;
  /** A switch that also has a `--no-` form. */
  readonly negatable?: boolean;
  /** Without an environment variable or a key: it makes no sense there. */
  readonly commandLineOnly?: boolean;
  /** Not a key of the config file, because it says which file that is and what is done with it. */
  readonly outsideFile?: boolean;
  /** Read at the start alone: a reload does not change it. */
  readonly startOnly?: boolean;
  /** May be null, where that can be written. */
  readonly nullable?: boolean;
  /** Never printed. */
  readonly secret?: boolean;
  /** Left out of help. */
  readonly hidden?: boolean;
}

/** What is said about flags, by name; absent where nothing is. */
export type FlagValues = ReadonlyMap<string, unknown>;

/** The environment variable of a flag: `host_exporter` and `web.listen-address` make `HOST_EXPORTER_WEB_LISTEN_ADDRESS`. */
export function variableOf(program: string, flag: string): string {
  return `${program}_${flag}`.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
}

/**
 * Reads flags from the command line and, where it is silent, from the environment.
 *
 * @throws UsageError for an unknown flag, a missing value, or an argument that is no flag.
 */
export function readFlags(
  program: string,
  flags: readonly Flag[],
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): FlagValues {
  return new Map([...readEnvironment(program, flags, env), ...readArguments(flags, argv)]);
}

/**
 * Reads flags from the command line; `lenient` passes over what it does not know.
 *
 * @throws UsageError as {@link readFlags} does.
 */
export function readArguments(flags: readonly Flag[], argv: readonly string[], lenient = false): FlagValues {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }> = {};
  for (const { name, type, negatable } of flags) {
    options[name] = type === 'switch' ? { type: 'boolean' } : { type: 'string', multiple: isList(type) };
    if (negatable) options[`no-${name}`] = { type: 'boolean' };
  }
  if (options.help) options.help.short = 'h';
  const { values } = parse(options, argv, lenient, flags);
  const found = new Map<string, unknown>();
  for (const flag of flags) {
    const value = values[flag.name] ?? (flag.negatable && values[`no-${flag.name}`] ? false : undefined);
    if (values[flag.name] && values[`no-${flag.name}`]) {
      throw new UsageError(`--${flag.name} and --no-${flag.name} contradict each other; leave one out.`);
    }
    if (value !== undefined) found.set(flag.name, flag.type === 'json' ? fromJson(String(value)) : value);
  }
  return found;
}

/** What a text says as JSON; text that is none stays as it is, for others to refuse. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Reads flags from the environment. An empty variable says nothing.
 *
 * @throws UsageError for a switch that is neither true nor false, and for a variable that would set two flags: names that
 * differ in `-`, `_` and `.` alone have one.
 */
export function readEnvironment(program: string, flags: readonly Flag[], env: NodeJS.ProcessEnv): FlagValues {
  const found = new Map<string, unknown>();
  const users = new Map<string, string>();
  for (const flag of flags) {
    const value = flag.commandLineOnly ? undefined : fromEnvironment(program, flag, env);
    if (value === undefined) continue;
    const variable = variableOf(program, flag.name);
    const other = users.get(variable);
    if (other !== undefined) {
      throw new UsageError(`${variable} could mean --${other} or --${flag.name}; give that one as a flag instead.`);
    }
    users.set(variable, flag.name);
    found.set(flag.name, value);
  }
  return found;
}

const isList = (type: Flag['type']): boolean => type === 'list' || type === 'numbers';

function parse(
  options: NonNullable<Parameters<typeof parseArgs>[0]>['options'] & object,
  argv: readonly string[],
  lenient: boolean,
  flags: readonly Flag[],
): { values: Record<string, unknown> } {
  try {
    return parseArgs({ args: [...argv], options, strict: !lenient, allowPositionals: lenient }) as {
      values: Record<string, unknown>;
    };
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const said = (cause as Error).message;
    const option = /'(?:-\w, )?(-[^' ]*)/.exec(said)?.[1] ?? '';
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
      throw new UsageError(`unknown flag ${option}${suggestion(option, flags)}; --help lists them all.`, { cause });
    }
    if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
      const word = /'([^']*)'/.exec(said)?.[1] ?? '';
      throw new UsageError(`unexpected argument ${JSON.stringify(word)}; flags begin with --, see --help.`, { cause });
    }
    const wants = /argument missing|ambiguous/.test(said) ? 'wants a value: write' : 'takes no value: write';
    throw new UsageError(`${option} ${wants} ${option}${wants.startsWith('wants') ? '=VALUE' : ''}.`, { cause });
  }
}

function fromEnvironment(program: string, flag: Flag, env: NodeJS.ProcessEnv): unknown {
  const variable = variableOf(program, flag.name);
  const text = env[variable];
  if (text === undefined || text === '') return undefined;
  if (isList(flag.type)) return text.split(',').map((item) => item.trim());
  if (flag.type === 'json') return fromJson(text);
  if (flag.type !== 'switch') return text;
  if (/^(true|1|yes)$/i.test(text)) return true;
  if (/^(false|0|no)$/i.test(text)) return false;
  throw new UsageError(`${variable} is ${JSON.stringify(text)}; write true or false.`);
}

/** The known flag that is nearest to a misspelt one, if any is near. */
function suggestion(option: string, flags: readonly Flag[]): string {
  const names = flags.flatMap(({ name, negatable }) => (negatable ? [name, `no-${name}`] : [name]));
  const name = nearest(option.replace(/^-+/, ''), names);
  return name === undefined ? '' : ` (did you mean --${name}?)`;
}
