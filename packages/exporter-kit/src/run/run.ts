import type { Exporter } from '../collect/exporter.ts';

/** How {@link run} runs an exporter. */
export interface RunOptions {
  /** Default port, on all interfaces; `--web.listen-address` overrides it. */
  readonly port: number;
}

/**
 * Runs an exporter as a process: reads flags and environment, logs, listens, drains on SIGTERM and SIGINT, and exits.
 * Flags are those of the Prometheus ecosystem; `--help` lists them. Each leaf of the exporter's config, and of its
 * collectors' (`--collector.textfile.directory`), is a flag too.
 *
 * While the process is small, V8 is told to keep its heap small; Node's own flags, such as
 * `--max-semi-space-size`, take precedence.
 *
 * Exit codes: 0 ended by a signal, 1 failed, 64 wrong usage. Never returns.
 *
 * @example
 * await run(exporter({ name: 'broker_exporter', version, collectors: [queues(broker)] }), { port: 19101 });
 */
export async function run(exporter: Exporter, { port }: RunOptions): Promise<never> {
  // Loaded here, since programs that only call serve() need no flags or logger.
  const { exporterProcess } = await import('./process/exporter-process.ts');
  return exporterProcess(exporter, port);
}
