import { job as declareJob } from '../../collect/job.ts';
import { messageOf } from '../../collect/runner.ts';
import { parseDuration } from '../../config/duration.ts';
import { checkGrouping } from '../../push/grouping.ts';
import type { Group, Mode } from '../../push/sink.ts';
import { type FlagValues, readArguments, readEnvironment, variableOf } from '../flags.ts';
import type { LogOptions } from '../log.ts';
import { logOptions } from '../standard-flags.ts';
import { UsageError } from '../usage-error.ts';
import { PROGRAM, pushFlags } from './push-flags.ts';

/** A command and its arguments. */
export type Command = readonly [string, ...string[]];

/** The command line, taken apart at its first `--`. */
export interface CommandLine {
  readonly values: FlagValues;
  /** What stands after `--`. */
  readonly command?: Command;
}

/**
 * Reads the command line and the environment.
 *
 * @throws UsageError for what is not known, and for secrets on the command line.
 */
export function readCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const dashes = argv.indexOf('--');
  const given = readGiven(dashes < 0 ? argv : argv.slice(0, dashes));
  refuseSecrets(given);
  const values = new Map([...readEnvironment(PROGRAM, pushFlags, env), ...given]);
  if (dashes < 0) return { values };
  const [program, ...args] = argv.slice(dashes + 1);
  if (program === undefined) throw new UsageError('there is no command after --; leave -- out to push standard input.');
  if (given.has('delete')) throw new UsageError('--delete takes no command; leave one out.');
  if (given.has('mode')) {
    throw new UsageError('--mode is for standard input; a success of a command replaces, a failure adds.');
  }
  return { values, command: [program, ...args] };
}

function readGiven(argv: readonly string[]): FlagValues {
  try {
    return readArguments(pushFlags, argv);
  } catch (error) {
    const { cause } = error as Error;
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') throw error;
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
  if (urls.some((url) => /^\w+:\/\/[^/@]*:[^/@]+@/.test(url))) {
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
    checkGrouping(declareJob({ name: job, run() {} }), grouping);
  } catch (cause) {
    throw new UsageError(`--grouping: ${messageOf(cause)}`, { cause });
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

/** @throws UsageError for what is no duration, or too long. */
export function durationOf(values: FlagValues, name: string): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  let ms: number;
  try {
    ms = parseDuration(text as string);
  } catch (cause) {
    throw new UsageError(`--${name}: ${messageOf(cause)}`, { cause });
  }
  if (ms > LONGEST_MS) throw new UsageError(`--${name}=${text} is too long; write 24d at the most.`);
  return ms;
}

/** Says nothing of what went well unless asked: cron sends mail for each line. */
export function logOptionsOf(values: FlagValues): LogOptions {
  return logOptions(new Map([['log.level', 'warn'], ...values]));
}
