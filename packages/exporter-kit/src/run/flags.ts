import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

/** One flag of a program. */
export interface Flag {
  /** Without dashes, such as `web.listen-address`. */
  readonly name: string;
  readonly type: 'text' | 'switch' | 'list';
  readonly help: string;
  /** Shown in help, such as `HOST:PORT`. */
  readonly value?: string;
  /** Shown in help; what is used without the flag is up to the reader of the values. */
  readonly preset?: string;
  /** A switch that also has a `--no-` form. */
  readonly negatable?: boolean;
  /** Without an environment variable: it makes no sense there. */
  readonly commandLineOnly?: boolean;
}

/** What the command line and the environment say; absent where they say nothing. */
export type FlagValues = ReadonlyMap<string, string | boolean | readonly string[]>;

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
  lenient = false,
): FlagValues {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }> = {};
  for (const { name, type, negatable } of flags) {
    options[name] = type === 'switch' ? { type: 'boolean' } : { type: 'string', multiple: type === 'list' };
    if (negatable) options[`no-${name}`] = { type: 'boolean' };
  }
  if (options.help) options.help.short = 'h';
  const { values } = parse(options, argv, lenient, flags);
  const found = new Map<string, string | boolean | readonly string[]>();
  for (const flag of flags) {
    const given = values[flag.name] ?? (flag.negatable && values[`no-${flag.name}`] ? false : undefined);
    if (values[flag.name] && values[`no-${flag.name}`]) {
      throw new UsageError(`--${flag.name} and --no-${flag.name} contradict each other; leave one out.`);
    }
    const value = given ?? (flag.commandLineOnly ? undefined : fromEnvironment(program, flag, env));
    if (value !== undefined) found.set(flag.name, value as string);
  }
  return found;
}

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

function fromEnvironment(program: string, flag: Flag, env: NodeJS.ProcessEnv): string | boolean | string[] | undefined {
  const variable = variableOf(program, flag.name);
  const text = env[variable];
  if (text === undefined || text === '') return undefined;
  if (flag.type === 'list') return text.split(',').map((item) => item.trim());
  if (flag.type === 'text') return text;
  if (/^(true|1|yes)$/i.test(text)) return true;
  if (/^(false|0|no)$/i.test(text)) return false;
  throw new UsageError(`${variable} is ${JSON.stringify(text)}; write true or false.`);
}

/** The known flag that is nearest to a misspelt one, if any is near. */
function suggestion(option: string, flags: readonly Flag[]): string {
  const wanted = option.replace(/^-+/, '');
  const names = flags.flatMap(({ name, negatable }) => (negatable ? [name, `no-${name}`] : [name]));
  const [best] = names.map((name) => ({ name, far: distance(wanted, name) })).sort((a, b) => a.far - b.far);
  return best !== undefined && best.far <= Math.max(2, wanted.length / 4) ? ` (did you mean --${best.name}?)` : '';
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
