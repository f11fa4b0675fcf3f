import type { JobReport } from '../../push/execute.ts';
import type { Job } from '../../push/job.ts';
import type { JobConfigs } from '../../push/job-result.ts';
import { settleJob } from '../../push/settle-job.ts';
import { type Attempts, attempts } from '../config/config-error.ts';
import { type ConfigSources, configSources } from '../config/config-sources.ts';
import { parseSettings } from '../config/parse-settings.ts';
import { readSecrets, rememberSecrets, type Secrets, secretFiles } from '../config/secrets.ts';
import { sourceTargets } from '../config/source-targets.ts';
import { valuesOf } from '../flags/flag.ts';
import { checkFlags } from '../flags/flag-tree.ts';
import { helpText, markdownTable } from '../flags/help.ts';
import { allJobFlags, type JobSettings, jobFlags, jobOptions, jobSettings } from '../flags/job-flags.ts';
import { readArguments, readEnvironment } from '../flags/read-flags.ts';
import { versionText } from '../flags/standard-flags.ts';
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

/** Time for collectors, clients, locks and disks, beyond the timeouts in the options. */
const MARGIN_MS = 20_000;

async function main(
  job: Job,
  options: RunJobOptions,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  secrets: Secrets,
): Promise<number> {
  if (argv[0] === 'views') return (await import('../views/program.ts')).jobViews(job, options, argv.slice(1), env);
  const settings = await jobSettings(job);
  const kit = jobFlags(options);
  const flags = allJobFlags(settings, kit);
  checkFlags(flags);
  const given = configSources(job.name, readArguments(flags, argv), readEnvironment(job.name, flags, env));
  const all = attempts(given.nameOf);
  const values = valuesOf(kit, given.values, all.try);
  if (values.help) {
    await print(helpText(job.name, `Job ${job.name}; its result goes to Prometheus.`, flags));
    return 0;
  }
  if (values.markdown) {
    await print(markdownTable(job.name, flags));
    return 0;
  }
  if (values.version) {
    await print(versionText(job.name, options.version ?? '0.0.0'));
    return 0;
  }
  const read = secretFiles();
  const ofSources = settings.sources.flatMap(({ base }) => base);
  const sources = await readSecrets([...settings.own, ...settings.collectors, ...ofSources], given, secrets, read);
  const { targets } = await sourceTargets(settings.sources, { sources, secrets, read }, all);
  const configs = { ...configsOf(job, settings, sources, all), targets };
  all.end();
  const how = all.try(() => jobOptions(job, options, kit, values))!;
  all.end();
  const log = await makeLogger(values, secrets.mask);
  // Before the job's work, so that none is lost to a misconfigured sink.
  for (const sink of how.to) await sink.check?.();

  const guard = guardJob(log, values.graceMs + values.pushTimeoutMs + MARGIN_MS);
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
  return values.pushRequired && notDelivered > 0 ? EXIT_NOT_DELIVERED : 0;
}

/** Parses the settings of the job and of its collectors; `all` notes what is rejected. */
function configsOf(
  job: Job,
  { own, collectors }: JobSettings,
  { values, nameOf }: ConfigSources,
  all: Attempts,
): Omit<JobConfigs, 'targets'> {
  return {
    own: all.try(() => job.config && parseSettings(job.config, own, values, [], nameOf)),
    collectors: new Map(
      job.collectors.map((one) => [
        one,
        all.try(() => one.config && parseSettings(one.config, collectors, values, ['collector', one.name], nameOf)),
      ]),
    ),
  };
}
