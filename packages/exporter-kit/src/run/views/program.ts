import type { Exporter } from '../../collect/exporter.ts';
import type { Job } from '../../push/job.ts';
import { checkJobNames, jobVerdict } from '../../push/job-result.ts';
import type { DeclaredProgram } from '../../views/declared.ts';
import { declaredJob } from '../../views/declared-program.ts';
import { configSources } from '../config/config-sources.ts';
import { configInputs } from '../config/declared.ts';
import { rememberSecrets } from '../config/secrets.ts';
import { allJobFlags, jobFlags, jobSettings } from '../flags/job-flags.ts';
import { readArguments, readEnvironment } from '../flags/read-flags.ts';
import type { RunJobOptions } from '../run-job.ts';
import { viewsCommand } from './command.ts';
import { configuredFor, exporterProgram, targetLabels } from './exporter-program.ts';

/** What a program is called with. */
export interface Invocation {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Nothing but defaults. */
export const DEFAULTS: Invocation = { argv: [], env: {} };

/**
 * What an exporter declares. Settings of sources and collectors are not needed.
 *
 * @param served whether it is an application that calls `serve`, and has no flags of the kit.
 * @throws ConfigError or UsageError for invalid flags, or settings of the exporter that are invalid or missing.
 */
export async function programOfExporter(
  exporter: Exporter,
  port: number,
  { argv, env }: Invocation,
  served = false,
): Promise<DeclaredProgram> {
  const inputs = await configInputs(exporter, port, argv, env, rememberSecrets());
  return exporterProgram({ ...(await configuredFor(inputs)), isServed: served });
}

/** What a job declares. @throws UsageError for invalid flags. */
export async function programOfJob(
  job: Job,
  options: RunJobOptions,
  { argv, env }: Invocation,
): Promise<DeclaredProgram> {
  const settings = await jobSettings(job);
  const flags = allJobFlags(settings, jobFlags(options));
  checkJobNames(job);
  const { values } = configSources(job.name, readArguments(flags, argv), readEnvironment(job.name, flags, env));
  return declaredJob({
    job,
    version: options.version ?? '0.0.0',
    targetLabels: targetLabels(settings.sources, values),
    verdict: jobVerdict().metrics,
  });
}

/** The command `views` of an exporter; see {@link viewsCommand}. */
export function exporterViews(
  exporter: Exporter,
  port: number,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  served = false,
): Promise<number> {
  return viewsCommand(exporter.name, words, (argv) => programOfExporter(exporter, port, { argv, env }, served));
}

/** The command `views` of a job; see {@link viewsCommand}. */
export function jobViews(
  job: Job,
  options: RunJobOptions,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  return viewsCommand(job.name, words, (argv) => programOfJob(job, options, { argv, env }));
}
