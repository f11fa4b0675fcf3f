import type { Job } from '../collect/job.ts';
import { messageOf } from '../collect/runner.ts';
import { settleJob } from '../push/execute.ts';
import { checkGrouping } from '../push/grouping.ts';
import { pushgateway } from '../push/pushgateway.ts';
import type { Grouping, Sink } from '../push/sink.ts';
import { stdout } from '../push/stdout.ts';
import { textfile } from '../push/textfile.ts';
import { type Flag, type FlagValues, readFlags } from './flags.ts';
import { helpText } from './help.ts';
import { makeLogger } from './log.ts';
import { askedToEnd, exitWith, print } from './process.ts';
import type { RunJobOptions } from './run-job.ts';
import { assemble, parseSettings, settingsOf } from './settings.ts';
import { commonFlags, logOptions, versionText } from './standard-flags.ts';
import { UsageError } from './usage-error.ts';

const pushFlags: readonly Flag[] = [
  { name: 'push.gateway', type: 'list', value: 'URL', help: 'Push the result to this Pushgateway.' },
  {
    name: 'push.textfile',
    type: 'list',
    value: 'DIRECTORY',
    help: 'Write the result for a textfile collector that reads this directory.',
  },
  {
    name: 'push.grouping',
    type: 'list',
    value: 'LABEL=VALUE',
    help: 'Tell this run from others of the job by a label.',
  },
  {
    name: 'dry-run',
    type: 'switch',
    help: 'Run the job, but print its result instead of pushing it.',
    commandLineOnly: true,
  },
];

/** Runs a job as this process, and ends it; see `runJob`. */
export function jobProcess(job: Job, options: RunJobOptions): Promise<never> {
  return exitWith(job.name, () => main(job, options, process.argv.slice(2), process.env));
}

async function main(
  job: Job,
  { version = '0.0.0', grouping = {}, to = [stdout()] }: RunJobOptions,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const own = await settingsOf(job.config, []);
  const flags = [...own.map((setting) => setting.flag), ...pushFlags, ...commonFlags];
  const values = readFlags(job.name, flags, argv, env);
  if (values.get('help')) {
    await print(helpText(job.name, `Job ${job.name}; its result goes to Prometheus.`, flags));
    return 0;
  }
  if (values.get('version')) {
    await print(versionText(job.name, version));
    return 0;
  }
  const log = await makeLogger(logOptions(values));
  if (job.config !== undefined) parseSettings(job.config, own, values, []);
  const asked = new AbortController();
  void askedToEnd().then((signal) => asked.abort(new Error(`ended by ${signal}`)));

  const { success, durationSeconds, error, delivered } = await settleJob(job, {
    grouping: { ...grouping, ...groupingOf(job, values) },
    to: values.get('dry-run') ? [stdout()] : (sinksOf(values) ?? to),
    settings: assemble(own, values),
    signal: asked.signal,
    log,
  });
  const lost = delivered.filter((sink) => sink.error !== undefined).length;
  const facts = {
    job: job.name,
    duration_seconds: durationSeconds,
    delivered: delivered.length - lost,
    not_delivered: lost,
  };
  if (success) log.info(facts, 'job succeeded');
  else log.error({ ...facts, err: error }, 'job failed');
  return success ? 0 : 1;
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

function sinksOf(values: FlagValues): Sink[] | undefined {
  const gateways = (values.get('push.gateway') ?? []) as readonly string[];
  const directories = (values.get('push.textfile') ?? []) as readonly string[];
  if (gateways.length + directories.length === 0) return undefined;
  try {
    return [...gateways.map((url) => pushgateway(url)), ...directories.map((directory) => textfile(directory))];
  } catch (cause) {
    throw new UsageError(`--push.gateway: ${messageOf(cause)}`, { cause });
  }
}
