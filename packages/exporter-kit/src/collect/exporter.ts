import { claimedNames } from '../metric/family-name.ts';
import type { Metric } from '../metric/metric.ts';
import type { Collector } from './collector.ts';
import { shapeDifference } from './same-shape.ts';
import { ownMetrics } from './verdict.ts';

/** What an exporter is: a plain value that runs nothing by itself. `run` and `serve` bring it to life. */
export interface Exporter {
  /** The program, such as `broker_exporter`; prefix of `…_build_info`. */
  readonly name: string;
  /** Prefix of the verdict families, such as `broker`. */
  readonly namespace: string;
  readonly version: string;
  /** Heading of the landing page. */
  readonly title: string;
  readonly collectors: readonly Collector[];
}

/** What {@link exporter} takes. */
export interface ExporterDeclaration {
  readonly name: string;
  /** Default: the name without `_exporter`. */
  readonly namespace?: string;
  /** Default `0.0.0`. */
  readonly version?: string;
  /** Default: the name in words. */
  readonly title?: string;
  readonly collectors: readonly Collector[];
}

const syntax = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Puts collectors together.
 *
 * @example
 * const broker = exporter({ name: 'broker_exporter', version: '1.0.0', collectors: [queues(connection)] });
 * @throws TypeError when two collectors have one name, or one family would be written in two shapes; both are named.
 */
export function exporter(declaration: ExporterDeclaration): Exporter {
  const { name, version = '0.0.0', collectors } = declaration;
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
  const made: Exporter = { name, namespace, version, title, collectors };
  checkNames(collectors);
  checkFamilies(made);
  return made;
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

function checkFamilies(exporter: Exporter): void {
  interface Claim {
    readonly owner: string;
    readonly metric: Metric;
    readonly constLabels: Collector['constLabels'];
  }
  const claims = new Map<string, Claim>();
  const claim = (owner: string, metric: Metric, constLabels: Collector['constLabels']): void => {
    for (const name of claimedNames(metric)) {
      const other = claims.get(name);
      if (other === undefined) claims.set(name, { owner, metric, constLabels });
      else if (other.metric.name !== metric.name) {
        throw new TypeError(
          `exporter: ${metric.name} of ${owner} and ${other.metric.name} of ${other.owner} would both write "${name}"; rename one.`,
        );
      } else {
        const difference = shapeDifference(other.metric, metric) ?? sameLabels(other.constLabels, constLabels);
        if (difference !== undefined) {
          throw new TypeError(
            `exporter: ${metric.name} is written by ${other.owner} and by ${owner} with ${difference}; rename one, or use withLabels() or withPrefix().`,
          );
        }
      }
    }
  };
  for (const metric of Object.values(ownMetrics(exporter))) claim('the kit itself', metric, {});
  for (const { name, metrics, prefix, constLabels } of exporter.collectors) {
    for (const metric of Object.values(metrics)) {
      claim(`collector ${name}`, { ...metric, name: prefix + metric.name }, constLabels);
    }
  }
}

/** Two collectors may share a family when labels of their own keep their series apart. */
function sameLabels(a: Collector['constLabels'], b: Collector['constLabels']): string | undefined {
  const names = Object.keys(a);
  if (names.join() !== Object.keys(b).join()) return 'different labels of their own';
  return names.some((name) => a[name] !== b[name]) ? undefined : 'the same labels';
}
