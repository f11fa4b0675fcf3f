import type { Exporter } from '../collect/exporter.ts';
import type { Job } from '../push/job.ts';
import type { RunOptions } from './run.ts';
import type { RunJobOptions } from './run-job.ts';

/**
 * The flags of an exporter, or of a job, as the Markdown table that `--help.markdown` prints, so that a test can hold a
 * README to it.
 *
 * @param options what `run`, or `runJob`, is given: some presets are in there.
 * @example
 * expect(readme).toContain(await flagTable(broker, { port: 19101 }));
 */
export function flagTable(exporter: Exporter, options: RunOptions): Promise<string>;
export function flagTable(job: Job, options?: RunJobOptions): Promise<string>;
export async function flagTable(program: Exporter | Job, options: RunOptions | RunJobOptions = {}): Promise<string> {
  const { markdownTable } = await import('./flags/help.ts');
  if (!('port' in options)) {
    const { allJobFlags, jobFlags, jobSettings } = await import('./flags/job-flags.ts');
    return markdownTable(program.name, allJobFlags(await jobSettings(program as Job), jobFlags(options)));
  }
  const { allFlags, configInputs } = await import('./config/declared.ts');
  const { rememberSecrets } = await import('./config/secrets.ts');
  const inputs = await configInputs(program as Exporter, options.port, [], {}, rememberSecrets());
  return markdownTable(program.name, (await allFlags(inputs)).flags);
}
