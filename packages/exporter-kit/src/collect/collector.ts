import { checkMetrics, checkRunName } from './check-declaration.ts';
import type { ConfigOf, Context, Parser } from './context.ts';
import { checkTargetLabel } from './source/check-source.ts';
import type { Source, SourceContext } from './source/source.ts';
import type { Feed } from './store/frozen.ts';
import type { FamilyWriter, Metrics, Writers } from './writers.ts';

/**
 * Declared metrics, and the function that writes them. A plain object without state: one value can serve several exporters,
 * each with samples of its own.
 */
export interface Collector {
  /** File = collector = flag = label value: lower case, digits and `_`. */
  readonly name: string;
  readonly metrics: Metrics;
  /** `dynamic` if families are known only at run time. */
  readonly families: 'declared' | 'dynamic';
  /** Whether it runs unless a flag says otherwise. */
  readonly enabled: boolean;
  readonly config?: Parser<unknown>;
  /** What it reads: it then runs once for each target that is up. */
  readonly source?: Source;
  /** Time limit of one run; default: the scrape's deadline alone. */
  readonly timeoutMs?: number;
  /** If true, its failure does not fail a scrape under the policy `strict`, nor a job. */
  readonly optional: boolean;
  /** Whether it is about the exporter itself; it is then ignored when deciding whether all collectors failed. */
  readonly auxiliary: boolean;
  /** How long its samples are served from the cache; default: not at all. */
  readonly cacheForMs?: number;
  /** Maximum series of one run; default: no limit. */
  readonly maxSeries?: number;
  /** Prefix of every family's name; see {@link withPrefix}. */
  readonly prefix: string;
  /** Added to every series; see {@link withLabels}. */
  readonly constLabels: { readonly [label: string]: string };
  /** A name unique to this prefix; used if another collector has the same `name`. */
  readonly exactName?: string;
  /** Numbers that the collector keeps itself; read after `collect`. Set by `live`. */
  readonly feed?: Feed;
  // A method, so that functions with narrower writers are assignable: the store passes what was declared.
  collect(writers: unknown, context: Context<unknown>): void | Promise<void>;
}

/** A collector of a source; it remembers client and reading, so that fakes in tests are checked. */
export interface SourceCollector<Client, Reading> extends Collector {
  readonly source: Source<Client, Reading>;
}

/** Options of {@link collector}. */
export interface CollectorDeclaration<M extends Metrics, P extends Parser<unknown> | undefined> {
  readonly name: string;
  readonly metrics: M;
  /** Whether it runs unless a flag says otherwise; default true. */
  readonly enabled?: boolean;
  /** Time limit of one run; default: the scrape's deadline alone. */
  readonly timeoutMs?: number;
  /** If true, its failure does not fail a scrape under the policy `strict`, nor a job; default false. */
  readonly optional?: boolean;
  /** Whether it is about the exporter itself, like Node's runtime; default false. */
  readonly auxiliary?: boolean;
  /** How long its samples are served from the cache; failures are not cached. HELP texts say so. Default: not at all. */
  readonly cacheForMs?: number;
  /** Maximum series of one run; others are dropped and counted. Default: no limit. */
  readonly maxSeries?: number;
  /** Parses the settings under `collector.<name>`; a zod object also gives each of its keys a flag. */
  readonly config?: P;
  collect(writers: Writers<M>, context: Context<ConfigOf<P>>): void | Promise<void>;
}

/** Options of {@link collector} if families are known only at run time. */
export interface DynamicDeclaration<M extends Metrics, P extends Parser<unknown> | undefined>
  extends Omit<CollectorDeclaration<M, P>, 'metrics' | 'collect'> {
  readonly families: 'dynamic';
  readonly metrics?: M;
  collect(writers: Writers<M> & { readonly family: FamilyWriter }, context: Context<ConfigOf<P>>): void | Promise<void>;
}

/** Options of {@link collector} for a collector of a source. */
export interface SourceCollectorDeclaration<M extends Metrics, P extends Parser<unknown> | undefined, Client, Reading>
  extends Omit<CollectorDeclaration<M, P>, 'collect'> {
  /** What it reads. `collect` runs once for each target that is up, with the target's `client` and `reading`. */
  readonly source: Source<Client, Reading>;
  collect(writers: Writers<M>, context: SourceContext<Client, Reading, ConfigOf<P>>): void | Promise<void>;
}

/** Options of {@link collector} for a collector of a source whose families are known only at run time. */
export interface DynamicSourceDeclaration<M extends Metrics, P extends Parser<unknown> | undefined, Client, Reading>
  extends Omit<SourceCollectorDeclaration<M, P, Client, Reading>, 'metrics' | 'collect'> {
  readonly families: 'dynamic';
  readonly metrics?: M;
  collect(
    writers: Writers<M> & { readonly family: FamilyWriter },
    context: SourceContext<Client, Reading, ConfigOf<P>>,
  ): void | Promise<void>;
}

/**
 * Declares a collector.
 *
 * `collect` runs at each scrape and writes the samples; a series that it does not write is absent from the response.
 * If it throws or exceeds its deadline, its samples of that run are discarded and the failure is reported.
 *
 * @example
 * const load = collector({
 *   name: 'load',
 *   metrics: { load1: gauge({ name: 'host_load1', help: 'Load, averaged over one minute.' }) },
 *   collect({ load1 }) {
 *     load1.set(os.loadavg()[0]);
 *   },
 * });
 * @throws TypeError for an invalid name, or if two metrics would write the same name.
 */
export function collector<
  const M extends Metrics = Record<never, never>,
  P extends Parser<unknown> | undefined = undefined,
>(declaration: DynamicDeclaration<M, P> & { readonly source?: never }): Collector;
export function collector<
  Client,
  Reading,
  const M extends Metrics = Record<never, never>,
  P extends Parser<unknown> | undefined = undefined,
>(declaration: DynamicSourceDeclaration<M, P, Client, Reading>): SourceCollector<Client, Reading>;
export function collector<const M extends Metrics, Client, Reading, P extends Parser<unknown> | undefined = undefined>(
  declaration: SourceCollectorDeclaration<M, P, Client, Reading>,
): SourceCollector<Client, Reading>;
export function collector<const M extends Metrics, P extends Parser<unknown> | undefined = undefined>(
  declaration: CollectorDeclaration<M, P>,
): Collector;
export function collector(
  declaration: (CollectorDeclaration<Metrics, Parser<unknown>> | DynamicDeclaration<Metrics, Parser<unknown>>) & {
    readonly source?: Source;
  },
): Collector {
  const { name, metrics = {}, enabled = true, optional = false, auxiliary = false, config, source } = declaration;
  const { timeoutMs, cacheForMs, maxSeries } = declaration;
  for (const [what, value] of Object.entries({ timeoutMs, cacheForMs, maxSeries })) {
    if (value !== undefined && !(value > 0)) throw new TypeError(`collector ${name}: ${what} must be above 0.`);
  }
  checkRunName('collector', name);
  if (typeof declaration.collect !== 'function') throw new TypeError(`collector ${name}: collect must be a function.`);
  const families = 'families' in declaration ? declaration.families : 'declared';
  checkMetrics(`collector ${name}`, metrics, families === 'dynamic' ? ['family'] : []);
  if (source !== undefined) checkTargetLabel(source, name, metrics);
  return {
    name,
    metrics,
    families,
    enabled,
    optional,
    auxiliary,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(cacheForMs === undefined ? {} : { cacheForMs }),
    ...(maxSeries === undefined ? {} : { maxSeries }),
    prefix: '',
    constLabels: {},
    ...(config === undefined ? {} : { config }),
    ...(source === undefined ? {} : { source }),
    collect: (declaration.collect as Collector['collect']).bind(declaration),
  };
}
