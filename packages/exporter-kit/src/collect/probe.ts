import { checkMetrics, checkRunName } from './check-declaration.ts';
import type { ConfigOf, Context, Parser } from './context.ts';
import type { Resolve } from './destination.ts';
import type { FamilyWriter, Metrics, Writers } from './writers.ts';

/** What a probe gets besides its writers. */
export interface ProbeContext<Config = undefined> extends Context<Config> {
  /** The target, as the request names it. */
  readonly target: string;
  /**
   * Resolves a host. Targets come from clients, so a probe must connect only to the addresses that this returns, also after
   * a redirect: `request(url, { signal, ...(await resolve(url)) })`.
   */
  readonly resolve: Resolve;
}

/** Checks one target, named by the request. A plain object; each run starts empty. */
export interface Probe {
  /** Also the module's `prober`, and the key of its settings there: lower case, digits and `_`. */
  readonly name: string;
  readonly metrics: Metrics;
  /** `dynamic` if families are known only at run time. */
  readonly families: 'declared' | 'dynamic';
  /** `hosts`: targets are network destinations, checked against the rules before the probe starts. `names`: they are not. */
  readonly targets: 'hosts' | 'names';
  readonly config?: Parser<unknown>;
  probe(writers: unknown, context: ProbeContext<unknown>): void | Promise<void>;
}

/** Options of {@link probe}. */
export interface ProbeDeclaration<M extends Metrics, P extends Parser<unknown> | undefined> {
  readonly name: string;
  readonly metrics: M;
  /**
   * Kind of target. `hosts` (the default): URLs, `host:port` or hosts, checked against the rules before the probe starts.
   * `names`: others, such as queues or device numbers; destinations that the probe resolves are still checked.
   */
  readonly targets?: 'hosts' | 'names';
  /** Parses a module's settings, such as a zod object. */
  readonly config?: P;
  /** Checks the target; throws if the check fails. */
  probe(writers: Writers<M>, context: ProbeContext<ConfigOf<P>>): void | Promise<void>;
}

/** Options of {@link probe} if families are known only at run time. */
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
 * Declares a probe. Unlike a collector, a probe that fails keeps the samples it has written. The kit adds `probe_success` and
 * `probe_duration_seconds`.
 *
 * @example
 * const dns = probe({
 *   name: 'dns',
 *   metrics: { answers: gauge({ name: 'probe_dns_answers', help: 'Records in the answer.' }) },
 *   async probe({ answers }, { target }) {
 *     answers.set((await resolve4(target)).length);
 *   },
 * });
 * @throws TypeError for an invalid name, or if two metrics would write the same name.
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
