import type { Job } from '../../collect/job.ts';
import { messageOf } from '../../errors/thrown.ts';
import { GRACE_MS, type JobOptions, PUSH_TIMEOUT_MS } from '../../push/execute.ts';
import { checkGrouping } from '../../push/grouping.ts';
import { pushgateway } from '../../push/pushgateway.ts';
import { remoteWrite } from '../../push/remote-write/remote-write.ts';
import type { Grouping, Sink } from '../../push/sink.ts';
import { stdout } from '../../push/stdout.ts';
import { textfile } from '../../push/textfile.ts';
import { LONGEST_TIMER_MS, parseDuration, writeDuration } from '../../time/duration.ts';
import { type Setting, settingsOf } from '../config/settings.ts';
import type { RunJobOptions } from '../run-job.ts';
import { UsageError } from '../usage-error.ts';
import type { Flag, FlagValues } from './flags.ts';
import { commonFlags, markdownFlag } from './standard-flags.ts';

/** The flags of every job, with what is used where neither a flag nor the program says otherwise. */
export function jobFlags(options: RunJobOptions): readonly Flag[] {
  const preset = (ms: number | undefined, otherwise: string): string =>
    ms === undefined ? otherwise : writeDuration(ms);
  return [
    { name: 'push.gateway', type: 'list', value: 'URL', help: 'Push the result to this Pushgateway.' },
    {
      name: 'push.textfile',
      type: 'list',
      value: 'DIRECTORY',
      help: 'Write the result for a textfile collector that reads this directory.',
    },
    {
      name: 'push.remote-write',
      type: 'list',
      value: 'URL',
      help: 'Write the result to this engine by Prometheus remote write.',
    },
    {
      name: 'push.grouping',
      type: 'list',
      value: 'LABEL=VALUE',
      help: 'Tell this run from others of the job by a label.',
    },
    {
      name: 'push.timeout',
      type: 'text',
      value: 'DURATION',
      help: 'How long delivering may take in all.',
      preset: writeDuration(options.pushTimeoutMs ?? PUSH_TIMEOUT_MS),
    },
    {
      name: 'push.required',
      type: 'switch',
      negatable: true,
      help: 'Exit with 75 when the job succeeded, but its result could not be delivered.',
      preset: String(options.pushRequired ?? false),
    },
    {
      name: 'push.spool',
      type: 'text',
      value: 'DIRECTORY',
      help: 'Keep what could not be delivered here; the next run delivers it.',
    },
    {
      name: 'push.progress',
      type: 'text',
      value: 'DURATION',
      help: 'Push what the job has written so far this often while it runs.',
      preset: preset(options.progressEveryMs, 'at the end only'),
    },
    {
      name: 'push.remove-on-exit',
      type: 'switch',
      negatable: true,
      help: "At the end, take the job's group away instead of pushing its result.",
      preset: String(options.removeOnExit ?? false),
    },
    {
      name: 'job.timeout',
      type: 'text',
      value: 'DURATION',
      help: 'How long the job may take; it is then aborted and has failed.',
      preset: preset(options.timeoutMs, 'no limit'),
    },
    {
      name: 'job.grace',
      type: 'text',
      value: 'DURATION',
      help: 'How long the job may take to end when it is aborted.',
      preset: writeDuration(options.graceMs ?? GRACE_MS),
    },
    {
      name: 'dry-run',
      type: 'switch',
      help: 'Run the job, but print its result instead of pushing it.',
      commandLineOnly: true,
    },
  ];
}

/** The settings of a job, its own ones and those of each collector. */
export interface JobSettings {
  readonly own: readonly Setting[];
  readonly collectors: readonly Setting[];
}

/** @throws TypeError as `settingsOf` does. */
export async function jobSettings(job: Job): Promise<JobSettings> {
  const collectors = job.collectors.map(({ name, config }) => settingsOf(config, ['collector', name]));
  return { own: await settingsOf(job.config, []), collectors: (await Promise.all(collectors)).flat() };
}

/** All flags of a job, its settings first. */
export const allJobFlags = ({ own, collectors }: JobSettings, options: RunJobOptions): readonly Flag[] => [
  ...[...own, ...collectors].map(({ flag }) => flag),
  ...jobFlags(options),
  markdownFlag,
  ...commonFlags,
];

/**
 * How a job is to be run: as the program says, and as the flags say where they say something.
 *
 * @throws UsageError naming the flag.
 */
export function jobOptions(job: Job, options: RunJobOptions, values: FlagValues): JobOptions {
  const { version: _, grouping = {}, to = [stdout()], ...rest } = options;
  const said = {
    timeoutMs: durationOf(values, 'job.timeout', 1),
    graceMs: durationOf(values, 'job.grace', 0),
    pushTimeoutMs: durationOf(values, 'push.timeout', 1),
    progressEveryMs: durationOf(values, 'push.progress', 1),
    pushRequired: values.get('push.required') as boolean | undefined,
    removeOnExit: values.get('push.remove-on-exit') as boolean | undefined,
    spool: spoolOf(options, values),
  };
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  const whole = { ...rest, ...given, grouping: { ...grouping, ...groupingOf(job, values) } };
  if (!values.get('dry-run')) return { ...whole, to: sinksOf(values) ?? to };
  const { spool, progressEveryMs, removeOnExit, ...dry } = whole;
  return { ...dry, to: [stdout()] };
}

function spoolOf({ spool }: RunJobOptions, values: FlagValues): JobOptions['spool'] {
  const directory = values.get('push.spool') as string | undefined;
  if (directory === undefined || spool === undefined || typeof spool === 'string') return directory;
  return { ...spool, directory };
}

function durationOf(values: FlagValues, name: string, leastMs: number): number | undefined {
  const text = values.get(name) as string | undefined;
  if (text === undefined) return undefined;
  try {
    const ms = parseDuration(text);
    if (ms > LONGEST_TIMER_MS) throw new Error(`${text} is too long; write 24d at the most.`);
    if (ms < leastMs) throw new Error(`${text} is too short; write 1s, or leave the flag out.`);
    return ms;
  } catch (cause) {
    throw new UsageError(`--${name}: ${messageOf(cause)}`, { cause });
  }
}

function groupingOf(job: Job, values: FlagValues): Grouping {
  const pairs = (values.get('push.grouping') ?? []) as readonly string[];
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`--push.grouping=${pair}: write LABEL=VALUE.`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const grouping = Object.fromEntries(entries);
  try {
    checkGrouping(job, grouping);
  } catch (cause) {
    throw new UsageError(`--push.grouping: ${messageOf(cause)}`, { cause });
  }
  return grouping;
}

const kinds: readonly [flag: string, make: (where: string) => Sink][] = [
  ['push.gateway', (url) => pushgateway(url)],
  ['push.textfile', (directory) => textfile(directory)],
  ['push.remote-write', (url) => remoteWrite(url)],
];

function sinksOf(values: FlagValues): Sink[] | undefined {
  const sinks = kinds.flatMap(([flag, make]) => {
    const places = (values.get(flag) ?? []) as readonly string[];
    try {
      return places.map(make);
    } catch (cause) {
      throw new UsageError(`--${flag}: ${messageOf(cause)}`, { cause });
    }
  });
  return sinks.length === 0 ? undefined : sinks;
}
