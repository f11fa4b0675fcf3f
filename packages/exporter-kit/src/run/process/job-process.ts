import type { Job } from '../../collect/job.ts';
import { GRACE_MS, type JobConfigs, type JobReport, PUSH_TIMEOUT_MS, settleJob } from '../../push/execute.ts';
import { attempts } from '../config/config-error.ts';
import { overlay, type Said } from '../config/config-sources.ts';
import { readSecrets, rememberSecrets, type Secrets, secretFiles } from '../config/secrets.ts';
import { parseSettings } from '../config/settings.ts';
import { checkFlags } from '../flags/check-flags.ts';
import { readArguments, readEnvironment } from '../flags/flags.ts';
import { helpText } from '../flags/help.ts';
import { allJobFlags, type JobSettings, jobOptions, jobSettings } from '../flags/job-flags.ts';
import { markdownTable } from '../flags/markdown.ts';
import { logOptions, versionText } from '../flags/standard-flags.ts';
import type { RunJobOptions } from '../run-job.ts';
import { EXIT_NOT_DELIVERED } from '../usage-error.ts';
import { guardJob } from './job-guard.ts';
import { makeLogger } from './log.ts';
import { exitWith, print } from './process.ts';

/** Runs a job as this process, and ends it; see `runJob`. */
export function jobProcess(job: Job, options: RunJobOptions): Promise<never> {
  const secrets = rememberSecrets();
  return exitWith(job.name, () => main(job, options, process.argv.slice(2), process.env, secrets), secrets.mask);
}

/** What reading a job's collectors, locks and disks may take beside what the options allow. */
const MARGIN_MS = 10_000;

async function main(
  job: Job,
  options: RunJobOptions,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  secrets: Secrets,
): Promise<number> {
  const settings = await jobSettings(job);
  const flags = allJobFlags(settings, options);
  checkFlags(flags);
  const given = overlay(job.name, readArguments(flags, argv), readEnvironment(job.name, flags, env), undefined);
  const asked = given.values;
  if (asked.get('help')) {
    await print(helpText(job.name, `Job ${job.name}; its result goes to Prometheus.`, flags));
    return 0;
  }
  if (asked.get('help.markdown')) {
    await print(markdownTable(job.name, flags));
    return 0;
  }
  if (asked.get('version')) {
    await print(versionText(job.name, options.version ?? '0.0.0'));
    return 0;
  }
  const said = await readSecrets([...settings.own, ...settings.collectors], given, secrets, secretFiles());
  const log = await makeLogger(logOptions(said.values), secrets.mask);
  const configs = configsOf(job, settings, said);
  const how = jobOptions(job, options, said.values);
  // Rather now than when the job's work is done.
  for (const sink of how.to) await sink.check?.();
  const { graceMs = GRACE_MS, pushTimeoutMs = PUSH_TIMEOUT_MS, pushRequired = false } = how;

  const guard = guardJob(log, graceMs + pushTimeoutMs + MARGIN_MS);
  const guarded: Job = {
    ...job,
    async run(...args) {
      try {
        await job.run(...args);
      } finally {
        guard.over();
      }
    },
  };
  let report: JobReport;
  try {
    report = await settleJob(guarded, { ...how, signal: guard.signal, log }, configs);
  } finally {
    guard.release();
  }
  const { success, ending, durationSeconds, delivered, notDelivered, error } = report;
  const kept = delivered.filter((sink) => sink.kept).length;
  const facts = {
    job: job.name,
    duration_seconds: durationSeconds,
    delivered: delivered.length - notDelivered,
    not_delivered: notDelivered,
    ...(kept === 0 ? {} : { kept }),
  };
  if (success) log.info(facts, 'job succeeded');
  else log.error({ ...facts, ...(ending === 'failed' ? {} : { ending }), err: error }, 'job failed');
  if (!success || guard.troubled) return 1;
  return pushRequired && notDelivered > 0 ? EXIT_NOT_DELIVERED : 0;
}

/** @throws ConfigError with all that the parsers of the job and of its collectors refuse. */
function configsOf(job: Job, { own, collectors }: JobSettings, { values, nameOf }: Said): JobConfigs {
  const all = attempts(nameOf);
  const configs: JobConfigs = {
    own: all.try(() => job.config && parseSettings(job.config, own, values, [], nameOf)),
    collectors: new Map(
      job.collectors.map((one) => [
        one,
        all.try(() => one.config && parseSettings(one.config, collectors, values, ['collector', one.name], nameOf)),
      ]),
    ),
  };
  all.end();
  return configs;
}
