import type { Exporter } from '../collect/exporter.ts';
import type { RunOptions } from './run.ts';

/**
 * The command `views` of an application that serves its metrics by `serve`; exporters and jobs have it from `run` and
 * `runJob`. Reads the words behind `views` from the command line, and ends the process.
 *
 * Exit codes: 0 done, 1 failed, 2 a file differs (`--check`), 3 a breaking change (`diff`), 64 wrong usage. Never returns.
 *
 * @example
 * if (process.argv[2] === 'views') await runViews(shop, { port: 19101 });
 */
export async function runViews(exporter: Exporter, { port }: RunOptions): Promise<never> {
  const [{ exitWith }, { exporterViews }] = await Promise.all([
    import('./process/process.ts'),
    import('./views/program.ts'),
  ]);
  return exitWith(exporter.name, () => exporterViews(exporter, port, process.argv.slice(3), {}, true));
}
