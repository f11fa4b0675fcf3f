import { parseArgs } from 'node:util';
import { nearest } from '../../yaml/nearest.ts';
import { UsageError } from '../usage-error.ts';
import type { Flag, FlagValues } from './flag.ts';

/** The environment variable of a flag: `host_exporter` and `web.listen-address` make `HOST_EXPORTER_WEB_LISTEN_ADDRESS`. */
export function variableOf(program: string, flag: string): string {
  return `${program}_${flag}`.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
}

/**
 * Reads flags from the command line; `lenient` passes over what it does not know.
 *
 * @throws UsageError for an unknown flag, a missing value, or an argument that is not a flag.
 */
export function readArguments(flags: readonly Flag[], argv: readonly string[], lenient = false): FlagValues {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }> = {};
  for (const flag of flags) {
    for (const name of namesOf(flag)) {
      options[name] = flag.type === 'switch' ? { type: 'boolean' } : { type: 'string', multiple: isList(flag.type) };
      if (flag.negatable) options[`no-${name}`] = { type: 'boolean' };
    }
  }
  if (options.help) options.help.short = 'h';
  const { values } = parse(options, argv, lenient, flags);
  const found = new Map<string, unknown>();
  for (const flag of flags) {
    const given = namesOf(flag).flatMap((name) => [
      ...(values[name] === undefined ? [] : [{ as: name, value: values[name] }]),
      ...(values[`no-${name}`] && flag.negatable ? [{ as: `no-${name}`, value: false }] : []),
    ]);
    const [one, another] = given;
    if (another !== undefined && !isList(flag.type)) {
      const are = one!.value === another.value ? 'are the same flag' : 'contradict each other';
      throw new UsageError(`--${one!.as} and --${another.as} ${are}; leave one out.`);
    }
    const value = isList(flag.type) && given.length > 0 ? given.flatMap((each) => each.value) : one?.value;
    if (value !== undefined) found.set(flag.name, flag.type === 'json' ? fromJson(String(value)) : value);
  }
  return found;
}

/** Parses a text as JSON; invalid JSON stays text, to be rejected later. */
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
    const variable = variableOf(program, nameInEnvironment(program, flag, env));
    const other = users.get(variable);
    if (other !== undefined) {
      throw new UsageError(`${variable} could mean --${other} or --${flag.name}; give that one as a flag instead.`);
    }
    users.set(variable, flag.name);
    found.set(flag.name, value);
  }
  return found;
}

const namesOf = ({ name, alias }: Flag): readonly string[] => (alias === undefined ? [name] : [name, alias]);

/** The name of the flag that its variable is made of. */
function nameInEnvironment(program: string, flag: Flag, env: NodeJS.ProcessEnv): string {
  return namesOf(flag).find((name) => (env[variableOf(program, name)] ?? '') !== '') ?? flag.name;
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
    const problem = /argument missing|ambiguous/.test(said) ? 'needs a value: write' : 'takes no value: write';
    throw new UsageError(`${option} ${problem} ${option}${problem.startsWith('needs') ? '=VALUE' : ''}.`, { cause });
  }
}

function fromEnvironment(program: string, flag: Flag, env: NodeJS.ProcessEnv): unknown {
  const variable = variableOf(program, nameInEnvironment(program, flag, env));
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
  const names = flags.flatMap((flag) =>
    namesOf(flag).flatMap((name) => (flag.negatable ? [name, `no-${name}`] : [name])),
  );
  const name = nearest(option.replace(/^-+/, ''), names);
  return name === undefined ? '' : ` (did you mean --${name}?)`;
}
