import { messageOf } from '../errors/thrown.ts';
import { checkGroup } from '../push/group-clash.ts';
import type { Group, Mode } from '../push/sink.ts';
import { type FlagValues, readArguments, readEnvironment, variableOf } from '../run/flags/flags.ts';
import { logOptions } from '../run/flags/standard-flags.ts';
import type { LogOptions } from '../run/process/log.ts';
import { UsageError } from '../run/usage-error.ts';
import { parseDuration } from '../time/duration.ts';
import { PROGRAM, pushFlags } from './push-flags.ts';

/** A command and its arguments. */
export type Command = readonly [string, ...string[]];

/** What the program is to do. */
export type Form = 'command' | 'input' | 'delete' | 'flush';

/** The command line, taken apart at its first `--`. */
export interface CommandLine {
  readonly form: Form;
  readonly values: FlagValues;
  /** What stands after `--`, with the form `command`. */
  readonly command?: Command;
}

/** Flags that mean nothing to a form, and why. */
const senseless: { readonly [form in Form]: readonly [flags: readonly string[], why: string] } = {
  command: [['mode', 'delete'], 'does not go with a command; leave it out.'],
  input: [['timeout', 'kill-after', 'push-required'], 'is about a command; write one after --.'],
  delete: [['mode', 'timeout', 'kill-after', 'push-required', 'dry-run'], 'does not go with --delete; leave it out.'],
  flush: [
    ['job', 'grouping', 'mode', 'delete', 'timeout', 'kill-after', 'push-required', 'dry-run'],
    'does not go with flush, which delivers all that the spool keeps; leave it out.',
  ],
};

/**
 * Reads the command line and the environment.
 *
 * @throws UsageError for what is not known or makes no sense, and for secrets on the command line.
 */
export function readCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const flush = argv[0] === 'flush';
  const dashes = argv.indexOf('--');
  const given = readGiven(argv.slice(flush ? 1 : 0, dashes < 0 ? undefined : dashes));
  refuseSecrets(given);
  const values = new Map([...readEnvironment(PROGRAM, pushFlags, env), ...given]);
  if (flush && dashes >= 0) throw new UsageError('flush takes no command; leave out what follows --.');
  const form = flush ? 'flush' : dashes >= 0 ? 'command' : given.has('delete') ? 'delete' : 'input';
  const [flags, why] = senseless[form];
  const senselessOne = flags.find((flag) => given.has(flag));
  if (senselessOne !== undefined) throw new UsageError(`--${senselessOne} ${why}`);
  if (form !== 'command') return { form, values };
  const [program, ...args] = argv.slice(dashes + 1);
  if (program === undefined) throw new UsageError('there is no command after --; leave -- out to push standard input.');
  return { form, values, command: [program, ...args] };
}

function readGiven(argv: readonly string[]): FlagValues {
  try {
    return readArguments(pushFlags, argv);
  } catch (error) {
    const { cause } = error as Error;
    if ((cause as NodeJS.ErrnoException | undefined)?.code !== 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') throw error;
    throw new UsageError(`${messageOf(error).replace(/;.*/, '')}; a command stands after --, see --help.`, { cause });
  }
}

/** Whoever lists the machine's processes reads their command lines. */
function refuseSecrets(given: FlagValues): void {
  for (const { name } of pushFlags.filter(({ secret }) => secret)) {
    if (!given.has(name)) continue;
    const variable = variableOf(PROGRAM, name);
    throw new UsageError(
      `--${name}: everybody on this machine can read a command line; use --${name}-file=FILE, or set $${variable}.`,
    );
  }
  const urls = (given.get('gateway') ?? []) as readonly string[];
  if (urls.some((url) => URL.canParse(url) && new URL(url).password !== '')) {
    throw new UsageError(
      `--gateway: there is a password in the URL, and everybody on this machine can read a command line; use --username and --password-file, or set $${variableOf(PROGRAM, 'gateway')}.`,
    );
  }
}

/** @throws UsageError without a job, and for labels that can't be. */
export function groupOf(values: FlagValues): Group {
  const job = values.get('job');
  if (typeof job !== 'string' || job === '') {
    throw new UsageError(`which job is it? Give --job=NAME or set $${variableOf(PROGRAM, 'job')}; see --help.`);
  }
  const pairs = new Map<string, string>();
  for (const pair of (values.get('grouping') ?? []) as readonly string[]) {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`--grouping=${pair}: write LABEL=VALUE.`);
    const label = pair.slice(0, at);
    if (pairs.has(label)) throw new UsageError(`--grouping: ${label} is given twice; leave one out.`);
    pairs.set(label, pair.slice(at + 1));
  }
  const grouping = Object.fromEntries(pairs);
  try {
    checkGroup({ job, grouping });
  } catch (cause) {
    throw new UsageError(`--${messageOf(cause)}`, { cause });
  }
  return { job, grouping };
}

/** @throws UsageError for another word than add and replace. */
export function modeOf(values: FlagValues): Mode {
  const mode = values.get('mode') ?? 'add';
  if (mode === 'add' || mode === 'replace') return mode;
  throw new UsageError(`--mode=${mode} is unknown; write add or replace.`);
}

// What a timer can hold.
const LONGEST_MS = 2 ** 31 - 1;

/** @throws UsageError for what is no duration, too long, or nothing where that makes no sense. */
export function durationOf(values: FlagValues, name: string, leastMs = 1): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  let ms: number;
  try {
    ms = parseDuration(text as string);
  } catch (cause) {
    throw new UsageError(`--${name}: ${messageOf(cause)}`, { cause });
  }
  if (ms < leastMs) throw new UsageError(`--${name}=${text}: give it more time than that.`);
  if (ms > LONGEST_MS) throw new UsageError(`--${name}=${text} is too long; write 24d at the most.`);
  return ms;
}

/** Says nothing of what went well unless asked: cron sends mail for each line. */
export function logOptionsOf(values: FlagValues): LogOptions {
  return logOptions(new Map([['log.level', 'warn'], ...values]));
}
