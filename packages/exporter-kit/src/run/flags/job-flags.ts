import { oneOfEachName } from '../../collect/decorate.ts';
import { sourcesOf } from '../../collect/source/targets.ts';
import { PUSH_TIMEOUT_MS } from '../../push/deliver.ts';
import type { JobOptions } from '../../push/execute.ts';
import { checkGrouping } from '../../push/group.ts';
import type { Job } from '../../push/job.ts';
import { GRACE_MS } from '../../push/run-to-end.ts';
import { stdout } from '../../push/stdout.ts';
import { type Setting, settingsOf } from '../config/schema/settings.ts';
import {
  checkSourceNames,
  flagsOfSources,
  type SourceSettings,
  sourceSettings,
} from '../config/schema/source-settings.ts';
import type { LogOptions } from '../process/log.ts';
import type { RunJobOptions } from '../run-job.ts';
import { type Flag, type FlagsOf, flag, named, toggle } from './flag.ts';
import { duration } from './forms.ts';
import { type SinkValues, sinkFlags, sinksOf } from './sink-flags.ts';
import { infoFlags, logFlags, markdownFlag } from './standard-flags.ts';

/** How a job's process runs it. */
export interface JobValues extends SinkValues, LogOptions {
  readonly progressEveryMs: number | undefined;
  readonly removeOnExit: boolean;
  readonly timeoutMs: number | undefined;
  readonly graceMs: number;
  readonly dryRun: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly markdown: boolean;
}

/** The flags of every job, whose defaults are what the program says. */
export const jobFlags = (options: RunJobOptions): FlagsOf<JobValues> => ({
  ...sinkFlags({
    pushTimeoutMs: options.pushTimeoutMs ?? PUSH_TIMEOUT_MS,
    pushRequired: options.pushRequired ?? false,
  }),
  progressEveryMs: flag({
    name: 'push.progress',
    help: 'Interval at which a running job pushes what it has written so far.',
    default: options.progressEveryMs,
    otherwise: 'at the end only',
    ...duration(1),
  }),
  removeOnExit: toggle({
    name: 'push.remove-on-exit',
    negatable: true,
    help: "At the end, delete the job's group instead of pushing its result.",
    default: options.removeOnExit ?? false,
  }),
  timeoutMs: flag({
    name: 'job.timeout',
    help: 'Timeout of the job; it is then aborted and counts as failed.',
    default: options.timeoutMs,
    otherwise: 'no limit',
    ...duration(1),
  }),
  graceMs: flag({
    name: 'job.grace',
    help: 'How long an aborted job may take to end.',
    default: options.graceMs ?? GRACE_MS,
    ...duration(0),
  }),
  dryRun: toggle({
    name: 'dry-run',
    help: 'Run the job, but print its result instead of pushing it.',
    commandLineOnly: true,
  }),
  ...markdownFlag,
  ...logFlags(),
  ...infoFlags,
});

/** The settings of a job: its own ones, and those of each collector and source. */
export interface JobSettings {
  readonly own: readonly Setting[];
  readonly collectors: readonly Setting[];
  readonly sources: readonly SourceSettings[];
}

/** @throws TypeError as `settingsOf` does. */
export async function jobSettings(job: Job): Promise<JobSettings> {
  const collectors = oneOfEachName(job.collectors).map(({ name, config }) => settingsOf(config, ['collector', name]));
  const own = await settingsOf(job.config, []);
  const sources = await Promise.all(sourcesOf(job.collectors).map((one) => sourceSettings(one, false)));
  checkSourceNames(
    sources,
    own.map(({ flag }) => flag.name),
  );
  return { own, collectors: (await Promise.all(collectors)).flat(), sources };
}

/** All flags of a job, its settings first. */
export const allJobFlags = ({ own, collectors, sources }: JobSettings, flags: FlagsOf<JobValues>): readonly Flag[] => [
  ...[...own, ...collectors].map((setting) => setting.flag),
  ...flagsOfSources(sources),
  ...Object.values<Flag>(flags),
];

/**
 * How a job is to be run: as the flags say, and otherwise as the program does.
 *
 * @throws FlagError naming the flag.
 */
export function jobOptions(
  job: Job,
  { version: _, to = [stdout()], spool, ...options }: RunJobOptions,
  flags: FlagsOf<JobValues>,
  values: JobValues,
): JobOptions {
  const { timeoutMs, graceMs, pushTimeoutMs, pushRequired, progressEveryMs, removeOnExit } = values;
  const given = Object.fromEntries(values.grouping);
  named(flags.grouping.name, () => checkGrouping(job, given));
  const common = {
    ...options,
    grouping: { ...options.grouping, ...given },
    graceMs,
    pushTimeoutMs,
    pushRequired,
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
  const sinks = sinksOf(flags, values);
  if (values.dryRun) {
    const { progressEveryMs: _every, removeOnExit: _remove, ...dry } = common;
    return { ...dry, to: [stdout()] };
  }
  const directory = values.spool;
  const limits = typeof spool === 'object' ? spool : {};
  return {
    ...common,
    to: sinks.length > 0 ? sinks : to,
    removeOnExit,
    ...(progressEveryMs !== undefined && { progressEveryMs }),
    ...(directory !== undefined ? { spool: { ...limits, directory } } : spool !== undefined && { spool }),
  };
}
