import { messageOf } from '../errors/thrown.ts';
import { checkGroup } from '../push/group.ts';
import type { Group } from '../push/sink.ts';
import { type FlagValues, valuesOf } from '../run/flags/flag.ts';
import { readArguments, readEnvironment, variableOf } from '../run/flags/read-flags.ts';
import { UsageError } from '../run/usage-error.ts';
import { allPushFlags, PROGRAM, type PushValues, pushFlags } from './push-flags.ts';

/** A command and its arguments. */
export type Command = readonly [string, ...string[]];

/** What the program is to do. */
export type Form = 'command' | 'input' | 'delete' | 'flush';

/** The command line, split at its first `--`. */
export interface CommandLine {
  readonly form: Form;
  readonly values: PushValues;
  /** What follows `--`, with the form `command`. */
  readonly command?: Command;
}

/** Flags that a form does not take, and why. */
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
 * @throws UsageError for unknown and contradictory flags, and for secrets on the command line.
 */
export function readCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const flush = argv[0] === 'flush';
  const dashes = argv.indexOf('--');
  const given = readGiven(argv.slice(flush ? 1 : 0, dashes < 0 ? undefined : dashes));
  refuseSecrets(given);
  const all = new Map([...readEnvironment(PROGRAM, allPushFlags, env), ...given]);
  if (flush && dashes >= 0) throw new UsageError('flush takes no command; leave out what follows --.');
  const form = flush ? 'flush' : dashes >= 0 ? 'command' : given.has('delete') ? 'delete' : 'input';
  const [flags, why] = senseless[form];
  const senselessOne = flags.find((flag) => given.has(flag));
  if (senselessOne !== undefined) throw new UsageError(`--${senselessOne} ${why}`);
  const values = valuesOf(pushFlags, all);
  if (form !== 'command') return { form, values };
  const [program, ...args] = argv.slice(dashes + 1);
  if (program === undefined) throw new UsageError('there is no command after --; leave -- out to push standard input.');
  return { form, values, command: [program, ...args] };
}

function readGiven(argv: readonly string[]): FlagValues {
  try {
    return readArguments(allPushFlags, argv);
  } catch (error) {
    const { cause } = error as Error;
    if ((cause as NodeJS.ErrnoException | undefined)?.code !== 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') throw error;
    throw new UsageError(`${messageOf(error).replace(/;.*/, '')}; a command stands after --, see --help.`, { cause });
  }
}

/** Command lines are visible in the list of processes. */
function refuseSecrets(given: FlagValues): void {
  for (const { name } of allPushFlags.filter(({ secret }) => secret)) {
    if (!given.has(name)) continue;
    const variable = variableOf(PROGRAM, name);
    throw new UsageError(
      `--${name}: every user of this machine can read a command line; use --${name}-file=FILE, or set $${variable}.`,
    );
  }
  for (const { name } of [pushFlags.gateways, pushFlags.remoteWrites]) {
    const urls = (given.get(name) ?? []) as readonly string[];
    if (!urls.some((url) => URL.canParse(url) && new URL(url).password !== '')) continue;
    throw new UsageError(
      `--${name}: there is a password in the URL, and every user of this machine can read a command line; use --username and --password-file, or set $${variableOf(PROGRAM, name)}.`,
    );
  }
}

/** @throws UsageError without a job, and for an invalid label. */
export function groupOf({ job, grouping: given }: PushValues): Group {
  if (job === undefined || job === '') {
    throw new UsageError(`the job is missing; give --job=NAME or set $${variableOf(PROGRAM, 'job')}; see --help.`);
  }
  const pairs = new Map<string, string>();
  for (const [label, value] of given) {
    if (pairs.has(label)) throw new UsageError(`--grouping: ${label} is given twice; leave one out.`);
    pairs.set(label, value);
  }
  const grouping = Object.fromEntries(pairs);
  try {
    checkGroup({ job, grouping });
  } catch (cause) {
    throw new UsageError(`--${messageOf(cause)}`, { cause });
  }
  return { job, grouping };
}
