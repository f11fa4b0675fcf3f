import type { Exporter } from '../collect/exporter.ts';

/** How {@link run} runs an exporter. */
export interface RunOptions {
  /** Where it listens unless a flag says otherwise, on all interfaces. */
  readonly port: number;
}

/**
 * Runs an exporter as a process: reads flags and environment, logs, listens, drains on SIGTERM and SIGINT, and exits.
 * Flags are those of the Prometheus ecosystem; `--help` lists them. Each leaf of the exporter's config, and of its
 * collectors' (`--collector.textfile.directory`), is a flag too.
 *
 * Exit codes: 0 asked to end, 1 could not do its work, 64 wrong usage. Never returns.
 *
 * @example
 * await run(exporter({ name: 'broker_exporter', version, collectors: [queues(broker)] }), { port: 19101 });
 */
export async function run(exporter: Exporter, { port }: RunOptions): Promise<never> {
  // Flags, logs and the like are of no use to those who only serve.
  const { exporterProcess } = await import('./process/exporter-process.ts');
  return exporterProcess(exporter, port);
}
