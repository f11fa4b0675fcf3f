import type { Exporter } from '../collect/exporter.ts';
import type { Job } from '../push/job.ts';
import type { RunOptions } from './run.ts';
import type { RunJobOptions } from './run-job.ts';

/** How an exporter is started, as far as its views depend on it. */
export interface ViewsOptions extends RunOptions {
  /** Whether an application serves it by `serve`, so that it has no flags of the kit; default false. */
  readonly served?: boolean;
}

/**
 * Compares a project's folder of views with what its program declares, for a test; like its command `views --check`. If there
 * are no views yet, or with `UPDATE_GOLDEN=1` in the environment, it writes them instead; review the changes before you commit
 * them.
 *
 * @param options what `run`, or `runJob`, is given.
 * @example
 * await checkViews(broker, { port: 19101 }, new URL('../views', import.meta.url));
 * @throws Error that says which files differ, and where.
 */
export function checkViews(exporter: Exporter, options: ViewsOptions, folder: URL): Promise<void>;
export function checkViews(job: Job, options: RunJobOptions, folder: URL): Promise<void>;
export async function checkViews(
  program: Exporter | Job,
  options: ViewsOptions | RunJobOptions,
  folder: URL,
): Promise<void> {
  const { checkFolder } = await import('./views/check-folder.ts');
  await checkFolder(program, options, folder);
}
