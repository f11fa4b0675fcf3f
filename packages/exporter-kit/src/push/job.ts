import { checkCollectors, checkMetrics } from '../collect/check-declaration.ts';
import type { Collector } from '../collect/collector.ts';
import type { ConfigOf, Context, Parser } from '../collect/context.ts';
import { withUniqueNames } from '../collect/decorate.ts';
import type { Metrics } from '../collect/writers.ts';
import type { Views } from '../metric/views.ts';
import type { JobWriters } from './job-writers.ts';

/** Work that runs to its end and reports the result. A plain object; each run starts empty. */
export interface Job {
  /** The value of the `job` label; not empty. */
  readonly name: string;
  readonly metrics: Metrics;
  /** Read after the work has succeeded, and pushed with its result. */
  readonly collectors: readonly Collector[];
  readonly config?: Parser<unknown>;
  readonly views?: Views;
  run(writers: unknown, context: Context<unknown>): void | Promise<void>;
}

/** Options of {@link job}. */
export interface JobDeclaration<M extends Metrics, P extends Parser<unknown> | undefined> {
  readonly name: string;
  readonly metrics?: M;
  /** Read after the work has succeeded, and pushed with its result: `[fromRegistry(register)]` pushes a prom-client registry. */
  readonly collectors?: readonly Collector[];
  readonly config?: P;
  /** Changes to the dashboard made from the declarations. */
  readonly views?: Views;
  run(writers: JobWriters<M>, context: Context<ConfigOf<P>>): void | Promise<void>;
}

/**
 * Declares a job. It writes what it has read with `set`, and counts with `inc`, `observe` and `time`, as an application does
 * with `live`; each run starts empty.
 *
 * @example
 * const tidy = job({
 *   name: 'tidy',
 *   metrics: { removed: gauge({ name: 'tidy_removed_files', help: 'Files removed.' }) },
 *   async run({ removed }) {
 *     for (const file of await oldFiles()) { await rm(file); removed.inc(); }
 *   },
 * });
 * @throws TypeError for an empty name, what is no metric or no collector, or if two metrics would write the same name.
 */
export function job<const M extends Metrics = Record<never, never>, P extends Parser<unknown> | undefined = undefined>(
  declaration: JobDeclaration<M, P>,
): Job {
  const { name, metrics = {}, collectors = [], config, views } = declaration;
  if (typeof name !== 'string' || name === '') throw new TypeError('job: name is missing; it becomes the label "job".');
  checkMetrics(`job ${name}`, metrics, []);
  checkCollectors(`job ${name}`, collectors);
  return {
    name,
    metrics,
    collectors: withUniqueNames(collectors),
    ...(config === undefined ? {} : { config }),
    ...(views === undefined ? {} : { views }),
    run: (writers, context) => declaration.run(writers as never, context as never),
  };
}
