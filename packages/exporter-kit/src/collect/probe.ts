import { checkMetrics, checkRunName } from './check-declaration.ts';
import type { ConfigOf, Context, Parser } from './context.ts';
import type { Resolve } from './destination.ts';
import type { FamilyWriter, Metrics, Writers } from './writers.ts';

/** What a probe's run gets beside its writers. */
export interface ProbeContext<Config = undefined> extends Context<Config> {
  /** What to look at, as the request names it. */
  readonly target: string;
  /**
   * Resolves a host before anything is sent to it. Targets come from whoever may ask, so a probe connects only to what this
   * answers, again at each redirect: `request(url, { signal, ...(await resolve(url)) })`.
   */
  readonly resolve: Resolve;
}

/** Looks at one target, named by the request. A plain object; each run starts empty. */
export interface Probe {
  /** Also the module's `prober`, and the key of its settings there: lower case, digits and `_`. */
  readonly name: string;
  readonly metrics: Metrics;
  /** `dynamic` when families are known only at run time. */
  readonly families: 'declared' | 'dynamic';
  /** `hosts`: a target means a place in the network, and is judged as one before the probe starts. `names`: it does not. */
  readonly targets: 'hosts' | 'names';
  readonly config?: Parser<unknown>;
  probe(writers: unknown, context: ProbeContext<unknown>): void | Promise<void>;
}

/** What {@link probe} takes. */
export interface ProbeDeclaration<M extends Metrics, P extends Parser<unknown> | undefined> {
  readonly name: string;
  readonly metrics: M;
  /**
   * What targets are. `hosts` (the default): URLs, `host:port` or hosts; where they lead is judged before the probe starts.
   * `names`: something else, such as queues or device numbers; what the probe resolves is judged all the same.
   */
  readonly targets?: 'hosts' | 'names';
  /** Parses a module's settings; a zod object fits. */
  readonly config?: P;
  /** Ends well, or throws: the target is not as it should be. */
  probe(writers: Writers<M>, context: ProbeContext<ConfigOf<P>>): void | Promise<void>;
}

/** What {@link probe} takes when families are known only at run time. */
export interface DynamicProbeDeclaration<M extends Metrics, P extends Parser<unknown> | undefined>
  extends Omit<ProbeDeclaration<M, P>, 'metrics' | 'probe'> {
  readonly families: 'dynamic';
  readonly metrics?: M;
  probe(
    writers: Writers<M> & { readonly family: FamilyWriter },
    context: ProbeContext<ConfigOf<P>>,
  ): void | Promise<void>;
}

/**
 * Declares a probe. A probe that fails keeps what it wrote: there the parts are the news. Whether it succeeded and how long
 * it took (`probe_success`, `probe_duration_seconds`) is added.
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
export function probe<
  const M extends Metrics = Record<never, never>,
  P extends Parser<unknown> | undefined = undefined,
>(declaration: DynamicProbeDeclaration<M, P>): Probe;
export function probe<const M extends Metrics, P extends Parser<unknown> | undefined = undefined>(
  declaration: ProbeDeclaration<M, P>,
): Probe;
export function probe(
  declaration: ProbeDeclaration<Metrics, Parser<unknown>> | DynamicProbeDeclaration<Metrics, Parser<unknown>>,
): Probe {
  const { name, metrics = {}, targets = 'hosts', config } = declaration;
  checkRunName('probe', name);
  const families = 'families' in declaration ? declaration.families : 'declared';
  checkMetrics(`probe ${name}`, metrics, families === 'dynamic' ? ['family'] : []);
  return {
    name,
    metrics,
    families,
    targets,
    ...(config === undefined ? {} : { config }),
    probe: (writers, context) => declaration.probe(writers as never, context as never),
  };
}
