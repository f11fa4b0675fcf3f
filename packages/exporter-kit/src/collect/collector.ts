import { checkMetrics, checkRunName } from './check-declaration.ts';
import type { ConfigOf, Context, Parser } from './context.ts';
import { checkTargetLabel } from './source/check-source.ts';
import type { Source, SourceContext } from './source/source.ts';
import type { FamilyWriter, Metrics, Writers } from './writers.ts';

/**
 * Reads one source: declared metrics, and the function that fills them. A plain object without state: one value may serve
 * several exporters, each of which keeps its own samples.
 */
export interface Collector {
  /** File = collector = flag = label value: lower case, digits and `_`. */
  readonly name: string;
  readonly metrics: Metrics;
  /** `dynamic` when families are known only at run time. */
  readonly families: 'declared' | 'dynamic';
  /** Whether it runs unless a flag says otherwise. */
  readonly enabled: boolean;
  readonly config?: Parser<unknown>;
  /** What it reads: it then runs once for each target that is up. */
  readonly source?: Source;
  /** The most one run may take, however long the scraper waits; default: as long as that. */
  readonly timeoutMs?: number;
  /** Whether its failure is no reason to fail a whole scrape under the policy `strict`. */
  readonly optional: boolean;
  /** Whether it is about the exporter itself: it does not count when the question is whether anything succeeded. */
  readonly auxiliary: boolean;
  /** How long its samples are served again before it runs again; default: not at all. */
  readonly cacheForMs?: number;
  /** The most series one run may write; default: no limit. */
  readonly maxSeries?: number;
  /** Put before every family's name; see {@link withPrefix}. */
  readonly prefix: string;
  /** Added to every series; see {@link withLabels}. */
  readonly constLabels: { readonly [label: string]: string };
  /** The name that no other labels or prefix make; used where another collector has `name`. */
  readonly exactName?: string;
  // A method, so that functions with narrower writers fit: the store hands over what was declared.
  collect(writers: unknown, context: Context<unknown>): void | Promise<void>;
}

/** A collector of a source; it remembers client and reading, so that fakes in tests are checked. */
export interface SourceCollector<Client, Reading> extends Collector {
  readonly source: Source<Client, Reading>;
}

/** What {@link collector} takes. */
export interface CollectorDeclaration<M extends Metrics, P extends Parser<unknown> | undefined> {
  readonly name: string;
  readonly metrics: M;
  /** Whether it runs unless a flag says otherwise; default true. */
  readonly enabled?: boolean;
  /** The most one run may take, however long the scraper waits; default: as long as that. */
  readonly timeoutMs?: number;
  /** Whether its failure is no reason to fail a whole scrape under the policy `strict`; default false. */
  readonly optional?: boolean;
  /** Whether it is about the exporter itself, like Node's runtime; default false. */
  readonly auxiliary?: boolean;
  /** For how long what it found is served again; failures are not. Its families' help says so. Default: not at all. */
  readonly cacheForMs?: number;
  /** The most series one run may write; what is above is dropped and counted. Default: no limit. */
  readonly maxSeries?: number;
  /** Parses the settings under `collector.<name>`; a zod object also gives each of its keys a flag. */
  readonly config?: P;
  collect(writers: Writers<M>, context: Context<ConfigOf<P>>): void | Promise<void>;
}

/** What {@link collector} takes when families are known only at run time. */
export interface DynamicDeclaration<M extends Metrics, P extends Parser<unknown> | undefined>
  extends Omit<CollectorDeclaration<M, P>, 'metrics' | 'collect'> {
  readonly families: 'dynamic';
  readonly metrics?: M;
  collect(writers: Writers<M> & { readonly family: FamilyWriter }, context: Context<ConfigOf<P>>): void | Promise<void>;
}

/** What {@link collector} takes for a collector of a source. */
export interface SourceCollectorDeclaration<M extends Metrics, P extends Parser<unknown> | undefined, Client, Reading>
  extends Omit<CollectorDeclaration<M, P>, 'collect'> {
  /** What it reads. `collect` runs once for each target that is up, with the target's `client` and `reading`. */
  readonly source: Source<Client, Reading>;
  collect(writers: Writers<M>, context: SourceContext<Client, Reading, ConfigOf<P>>): void | Promise<void>;
}

/** What {@link collector} takes for a collector of a source whose families are known only at run time. */
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
 * The function runs at each scrape and writes what it finds; a series it does not write is gone from the answer.
 * If it throws or overruns its deadline, its samples of that run are left out and the failure is reported.
 *
 * @example
 * const load = collector({
 *   name: 'load',
 *   metrics: { load1: gauge({ name: 'host_load1', help: 'Load, averaged over one minute.' }) },
 *   collect({ load1 }) {
 *     load1.set(os.loadavg()[0]);
 *   },
 * });
 * @throws TypeError when the name is not one, or two metrics share a name.
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
    collect: (writers, context) => declaration.collect(writers as never, context as never),
  };
}
