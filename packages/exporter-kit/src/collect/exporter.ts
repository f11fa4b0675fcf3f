import { claimedNames } from '../metric/family-name.ts';
import { labelClash } from '../metric/labels.ts';
import type { Metric } from '../metric/metric.ts';
import { labelNames } from '../metric/own-label.ts';
import type { Collector } from './collector.ts';
import type { ConfigOf, Parser } from './context.ts';
import { toldApart } from './decorate.ts';
import type { Probe } from './probe.ts';
import { probeVerdict } from './probe-verdict.ts';
import { KIT } from './scrape/self-metrics.ts';
import { verdict } from './scrape/verdict.ts';
import { shapeDifference } from './store/same-shape.ts';
import { asWritten } from './store/store-owner.ts';

/** What an exporter is: a plain value that runs nothing by itself. `run` and `serve` bring it to life. */
export interface Exporter {
  /** The program, such as `broker_exporter`; prefix of `…_build_info`. */
  readonly name: string;
  /** Prefix of the verdict families, such as `broker`. */
  readonly namespace: string;
  readonly version: string;
  /** Heading of the landing page. */
  readonly title: string;
  readonly config?: Parser<unknown>;
  collectors(config: unknown): readonly Collector[];
  /** What `/probe` can run. */
  readonly probes: readonly Probe[];
  /** Modules as a config file has them, until one gives others. */
  readonly modules?: unknown;
}

/** What {@link exporter} takes. */
export interface ExporterDeclaration<P extends Parser<unknown> | undefined> {
  readonly name: string;
  /** Default: the name without `_exporter`. */
  readonly namespace?: string;
  /** Default `0.0.0`. */
  readonly version?: string;
  /** Default: the name in words. */
  readonly title?: string;
  /** Parses the exporter's own settings; each leaf of a zod object is a flag and an environment variable under `run`. */
  readonly config?: P;
  /** The collectors, or how to make them from the config; default none. */
  readonly collectors?: readonly Collector[] | ((config: ConfigOf<P>) => readonly Collector[]);
  /** Answered at `/probe?target=…&module=…`; default none. */
  readonly probes?: readonly Probe[];
  /**
   * What modules there are until a config file gives others: `{ http_2xx: { prober: 'http', timeout: '5s', http: {…} } }`.
   * Default: each probe under its name, as it is without settings.
   */
  readonly modules?: { readonly [name: string]: object };
}

const syntax = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Puts collectors together.
 *
 * @example
 * const broker = exporter({ name: 'broker_exporter', version: '1.0.0', collectors: [queues(connection)] });
 * @example
 * const broker = exporter({
 *   name: 'broker_exporter',
 *   config: z.object({ url: z.url().describe('Where the broker is.') }),
 *   collectors: ({ url }) => [queues(connect(url))],
 * });
 * @throws TypeError when two collectors have one name, or one family would be written in two shapes; both are named.
 */
export function exporter<P extends Parser<unknown> | undefined = undefined>(
  declaration: ExporterDeclaration<P>,
): Exporter {
  const { name, version = '0.0.0', collectors = [], probes = [], modules, config } = declaration;
  const namespace = declaration.namespace ?? name.replace(/_exporter$/, '');
  for (const [what, value] of [
    ['name', name],
    ['namespace', namespace],
  ] as const) {
    if (typeof value !== 'string' || !syntax.test(value)) {
      throw new TypeError(
        `exporter: ${what} ${JSON.stringify(value)} begins metric names; use letters, digits and "_".`,
      );
    }
  }
  const title = declaration.title ?? name.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());
  const made: Exporter = {
    name,
    namespace,
    version,
    title,
    ...(config === undefined ? {} : { config }),
    collectors: typeof collectors === 'function' ? (parsed) => collectors(parsed as ConfigOf<P>) : () => collectors,
    probes,
    ...(modules === undefined ? {} : { modules }),
  };
  if (probes.length > 0) checkProbes(probes);
  if (typeof collectors !== 'function') collectorsOf(made, undefined);
  return made;
}

/**
 * The collectors of an exporter under a config that its parser returned.
 *
 * @throws TypeError as {@link exporter} does.
 */
export function collectorsOf(exporter: Exporter, config: unknown): readonly Collector[] {
  const collectors = toldApart(exporter.collectors(config));
  checkNames(collectors);
  checkFamilies(exporter, collectors);
  return collectors;
}

function checkNames(collectors: readonly Collector[]): void {
  const seen = new Set<string>();
  for (const { name } of collectors) {
    if (seen.has(name)) {
      throw new TypeError(
        `exporter: two collectors are called "${name}"; remove one, or tell them apart with withLabels() or withPrefix().`,
      );
    }
    seen.add(name);
  }
}

function checkProbes(probes: readonly Probe[]): void {
  const seen = new Set<string>();
  const own = Object.values(probeVerdict().metrics).map(({ name }) => name);
  for (const { name, metrics } of probes) {
    if (seen.has(name)) throw new TypeError(`exporter: two probes are called "${name}"; rename one.`);
    seen.add(name);
    const taken = Object.values(metrics).find((metric) => claimedNames(metric).some((claim) => own.includes(claim)));
    if (taken !== undefined) {
      throw new TypeError(
        `probe ${name}: ${taken.name} would be written by the kit for every probe as well; rename it.`,
      );
    }
  }
}

function checkFamilies(exporter: Exporter, collectors: readonly Collector[]): void {
  interface Claim {
    readonly owner: string;
    readonly metric: Metric;
    readonly constLabels: Collector['constLabels'];
  }
  const claims = new Map<string, Claim[]>();
  const claim = (owner: string, metric: Metric, constLabels: Collector['constLabels']): void => {
    const clash = labelClash(labelNames(metric, constLabels));
    if (clash !== undefined) {
      throw new TypeError(`exporter: of ${metric.name} of ${owner}, the labels ${clash}; rename one.`);
    }
    for (const name of claimedNames(metric)) {
      const others = claims.get(name) ?? [];
      for (const other of others) {
        if (other.metric.name !== metric.name) {
          throw new TypeError(
            `exporter: ${metric.name} of ${owner} and ${other.metric.name} of ${other.owner} would both write "${name}"; rename one.`,
          );
        }
        const difference =
          shapeDifference(other.metric, metric) ??
          (isApart(other.metric, metric) ? undefined : sameLabels(other.constLabels, constLabels));
        if (difference !== undefined) {
          throw new TypeError(
            `exporter: ${metric.name} is written by ${other.owner} and by ${owner} with ${difference}; rename one, or use withLabels() or withPrefix().`,
          );
        }
      }
      claims.set(name, [...others, { owner, metric, constLabels }]);
    }
  };
  for (const metric of Object.values(verdict(exporter).metrics)) claim(KIT, metric, {});
  for (const collector of collectors) {
    for (const metric of Object.values(collector.metrics)) {
      claim(`collector ${collector.name}`, asWritten(collector, metric), collector.constLabels);
    }
  }
}

/** Two collectors may share a family when a label that both declare can't have the same value in both. */
function isApart(a: Metric, b: Metric): boolean {
  return a.labels.some(({ name, values }) => {
    const others = b.labels.find((label) => label.name === name)?.values;
    return values !== undefined && others !== undefined && !values.some((value) => others.includes(value));
  });
}

/** Or when labels of their own keep their series apart. */
function sameLabels(a: Collector['constLabels'], b: Collector['constLabels']): string | undefined {
  const names = Object.keys(a);
  if (names.join() !== Object.keys(b).join()) return 'different labels of their own';
  return names.some((name) => a[name] !== b[name]) ? undefined : 'the same labels';
}
