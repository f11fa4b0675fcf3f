import { checkMetrics, checkRunName } from './check-declaration.ts';
import type { ConfigOf, Context, Parser } from './context.ts';
import type { Metrics, Writers } from './writers.ts';

/** What a probe's run gets beside its writers. */
export interface ProbeContext<Config = undefined> extends Context<Config> {
  /** What to look at, as the request names it. */
  readonly target: string;
}

/** Looks at one target, named by the request. A plain object; each run starts empty. */
export interface Probe {
  readonly name: string;
  readonly metrics: Metrics;
  readonly config?: Parser<unknown>;
  probe(writers: unknown, context: ProbeContext<unknown>): void | Promise<void>;
}

/** What {@link probe} takes. */
export interface ProbeDeclaration<M extends Metrics, P extends Parser<unknown> | undefined> {
  readonly name: string;
  readonly metrics: M;
  readonly config?: P;
  probe(writers: Writers<M>, context: ProbeContext<ConfigOf<P>>): void | Promise<void>;
}

/**
 * Declares a probe. A probe that fails keeps what it wrote: there the parts are the news.
 *
 * @example
 * const dns = probe({
 *   name: 'dns',
 *   metrics: { answers: gauge({ name: 'probe_dns_answers', help: 'Records in the answer.' }) },
 *   async probe({ answers }, { target }) {
 *     answers.set((await resolve4(target)).length);
 *   },
 * });
 * @throws TypeError when the name is not one, or two metrics share a name.
 */
export function probe<const M extends Metrics, P extends Parser<unknown> | undefined = undefined>(
  declaration: ProbeDeclaration<M, P>,
): Probe {
  const { name, metrics, config } = declaration;
  checkRunName('probe', name);
  checkMetrics(`probe ${name}`, metrics, []);
  return {
    name,
    metrics,
    ...(config === undefined ? {} : { config }),
    probe: (writers, context) => declaration.probe(writers as never, context as never),
  };
}
