import { claimedNames, shapeDifference } from '../metric/family.ts';
import { labelClash, labelNames } from '../metric/labels.ts';
import type { Metric } from '../metric/metric.ts';
import { underBothNames } from '../metric/renamed.ts';
import type { Views } from '../metric/views.ts';
import { checkCollectors } from './check-declaration.ts';
import type { Collector } from './collector.ts';
import type { ConfigOf, Parser } from './context.ts';
import { withUniqueNames } from './decorate.ts';
import { writtenMetrics } from './new-names.ts';
import type { Probe } from './probe.ts';
import { KIT, probeVerdict, verdict } from './scrape/self-metrics.ts';
import { sourceVerdict } from './scrape/source-metrics.ts';
import type { Source } from './source/source.ts';
import { sourcesOf } from './source/targets.ts';

/** An exporter's declaration: a plain value. `run` and `serve` start it. */
export interface Exporter {
  /** The program's name, such as `broker_exporter`; prefix of `…_build_info`. */
  readonly name: string;
  /** Prefix of the families about scrapes, such as `broker`. */
  readonly namespace: string;
  readonly version: string;
  /** Heading of the landing page. */
  readonly title: string;
  readonly config?: Parser<unknown>;
  collectors(config: unknown): readonly Collector[];
  /** Probes of `/probe`. */
  readonly probes: readonly Probe[];
  /** Sources that `/probe` can open, to run their collectors. */
  readonly probed: readonly Source[];
  /** Makes both from the config; see `withProbes`. */
  probersOf?(config: unknown): readonly (Probe | Source)[];
  /** Default modules, in the form of a config file. */
  readonly modules?: unknown;
  readonly views?: Views;
}

/** Options of {@link exporter}. */
export interface ExporterDeclaration<P extends Parser<unknown> | undefined> {
  readonly name: string;
  /** Default: the name without `_exporter`. */
  readonly namespace?: string;
  /** Default `0.0.0`. */
  readonly version?: string;
  /** Heading of the landing page; default: the name in words. */
  readonly title?: string;
  /** Parses the exporter's own settings; under `run`, each leaf of a zod object is a flag and an environment variable. */
  readonly config?: P;
  /** The collectors, or a function that makes them from the config; default none. */
  readonly collectors?: readonly Collector[] | ((config: ConfigOf<P>) => readonly Collector[]);
  /** Probes of `/probe?target=…&module=…`, and sources whose collectors it can run, or a function of the config; default none. */
  readonly probes?: readonly (Probe | Source)[] | ((config: ConfigOf<P>) => readonly (Probe | Source)[]);
  /**
   * Modules if no config file defines others: `{ http_2xx: { prober: 'http', timeout: '5s', http: {…} } }`. Default: one
   * for each probe or source, with its name and without settings.
   */
  readonly modules?: { readonly [name: string]: object };
  /** Changes to the dashboard made from the declarations. */
  readonly views?: Views;
}

const syntax = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Declares an exporter.
 *
 * @example
 * const broker = exporter({ name: 'broker_exporter', version: '1.0.0', collectors: [queues(connection)] });
 * @example
 * const broker = exporter({
 *   name: 'broker_exporter',
 *   config: z.object({ url: z.url().describe('Where the broker is.') }),
 *   collectors: ({ url }) => [queues(connect(url))],
 * });
 * @throws TypeError if one is no collector, if two have the same name, or would write a family with different types, help or labels.
 */
export function exporter<P extends Parser<unknown> | undefined = undefined>(
  declaration: ExporterDeclaration<P>,
): Exporter {
  const { name, version = '0.0.0', collectors = [], probes = [], modules, config, views } = declaration;
  const namespace = declaration.namespace ?? name.replace(/_exporter$/, '');
  for (const [what, value] of [
    ['name', name],
    ['namespace', namespace],
  ] as const) {
    if (typeof value !== 'string' || !syntax.test(value)) {
      throw new TypeError(
        `exporter: ${what} ${JSON.stringify(value)} is not a valid metric-name prefix; use letters, digits and "_".`,
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
    ...(typeof probes === 'function'
      ? { ...split([]), probersOf: (parsed: unknown) => probes(parsed as ConfigOf<P>) }
      : split(probes)),
    ...(modules === undefined ? {} : { modules }),
    ...(views === undefined ? {} : { views }),
  };
  checkProbers(made);
  if (typeof collectors !== 'function') collectorsOf(made, undefined);
  return made;
}

/**
 * The exporter with the probes of a parsed config.
 *
 * @throws TypeError as {@link exporter} does.
 */
export function withProbes(exporter: Exporter, config: unknown): Exporter {
  if (exporter.probersOf === undefined) return exporter;
  const { probersOf, ...rest } = exporter;
  const made = { ...rest, ...split(probersOf(config)) };
  checkProbers(made);
  return made;
}

const split = (probers: readonly (Probe | Source)[]): Pick<Exporter, 'probes' | 'probed'> => ({
  probes: probers.filter((one): one is Probe => !isSource(one)),
  probed: probers.filter(isSource),
});

/**
 * An exporter's collectors, for a parsed config.
 *
 * @throws TypeError as {@link exporter} does.
 */
export function collectorsOf(exporter: Exporter, config: unknown): readonly Collector[] {
  const given = exporter.collectors(config);
  checkCollectors('exporter', given);
  const collectors = withUniqueNames(given);
  checkNames(collectors);
  checkFamilies(exporter, collectors);
  for (const one of collectors) {
    if (one.source === undefined || !exporter.probed.includes(one.source)) continue;
    checkProbeMetrics(`collector ${one.name}`, writtenMetrics(one));
  }
  return collectors;
}

/** Two collectors may share a name, a flag and settings if their own labels keep them apart, as `withLabels` does. */
function checkNames(collectors: readonly Collector[]): void {
  const seen = new Map<string, { readonly keys: string; readonly values: Set<string> }>();
  for (const { name, constLabels } of collectors) {
    const labels = Object.entries(constLabels).sort();
    const keys = JSON.stringify(labels.map(([key]) => key));
    const values = JSON.stringify(labels.map(([, value]) => value));
    const others = seen.get(name);
    if (others !== undefined && (labels.length === 0 || others.keys !== keys || others.values.has(values))) {
      throw new TypeError(
        `exporter: two collectors are called "${name}"; remove one, or use withLabels() or withPrefix().`,
      );
    }
    seen.set(name, { keys, values: (others?.values ?? new Set()).add(values) });
  }
}

/** Whether `/probe` can run anything, at least under some config. */
export const canProbe = ({ probes, probed, probersOf }: Exporter): boolean =>
  probes.length + probed.length > 0 || probersOf !== undefined;

const isSource = (one: Probe | Source): one is Source => 'read' in one;

function checkProbers({ probes, probed }: Exporter): void {
  const seen = new Set<string>();
  for (const { name } of [...probes, ...probed]) {
    if (seen.has(name)) throw new TypeError(`exporter: two probes are called "${name}"; rename one.`);
    seen.add(name);
  }
  for (const { name, metrics } of probes)
    checkProbeMetrics(`probe ${name}`, Object.values(metrics).flatMap(underBothNames));
  for (const { name, target, up } of probed) {
    checkProbeMetrics(`source ${name}`, [up]);
    if (target !== undefined) continue;
    throw new TypeError(
      `source ${name}: /probe?target= fills no setting; name one as \`target\`, or remove it from probes.`,
    );
  }
}

function checkProbeMetrics(owner: string, metrics: readonly Metric[]): void {
  const own = Object.values(probeVerdict().metrics).map(({ name }) => name);
  const taken = metrics.find((metric) => claimedNames(metric).some((claim) => own.includes(claim)));
  if (taken !== undefined) {
    throw new TypeError(`${owner}: ${taken.name} is written by the kit for every probe; rename it.`);
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
  sourcesOf(collectors).forEach((source, i) => {
    claim(`source ${source.name}`, source.up, {});
    // The same for all sources; a label keeps their series apart.
    if (i === 0) {
      for (const metric of Object.values(sourceVerdict(exporter.namespace, source).metrics)) claim(KIT, metric, {});
    }
  });
  for (const collector of collectors) {
    for (const metric of writtenMetrics(collector)) {
      claim(`collector ${collector.name}`, metric, collector.constLabels);
    }
  }
}

/** Whether a label declared by both has no value in common, so that two collectors can share the family. */
function isApart(a: Metric, b: Metric): boolean {
  return a.labels.some(({ name, values }) => {
    const others = b.labels.find((label) => label.name === name)?.values;
    return values !== undefined && others !== undefined && !values.some((value) => others.includes(value));
  });
}

/** Why the collectors' own labels do not keep their series apart; `undefined` if they do. */
function sameLabels(a: Collector['constLabels'], b: Collector['constLabels']): string | undefined {
  const names = Object.keys(a);
  if (names.join() !== Object.keys(b).join()) return 'different labels of their own';
  return names.some((name) => a[name] !== b[name]) ? undefined : 'the same labels';
}
