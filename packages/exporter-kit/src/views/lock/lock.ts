import type { Kind, Metric } from '../../metric/metric.ts';
import { type DeclaredGroup, type DeclaredProgram, EVERY_PROBE } from '../declared.ts';
import { generatedBy } from '../mark.ts';

/** What scrapers, dashboards and alerts may rely on: the metrics that a program declares, in a file kept in git. */
export interface MetricsLock {
  readonly generated: string;
  readonly lockVersion: 1;
  readonly program: string;
  readonly metrics: readonly LockedMetric[];
}

/** One family. What is absent has its default: no unit, no labels, and so on. */
export interface LockedMetric {
  readonly name: string;
  readonly kind: Kind;
  readonly help: string;
  readonly unit?: string;
  /** The values that each label may take; `null` for any. */
  readonly labels?: { readonly [label: string]: readonly string[] | null };
  readonly buckets?: readonly number[];
  readonly quantiles?: readonly number[];
  readonly states?: readonly string[];
  readonly experimental?: true;
  readonly deprecated?: { readonly replacedBy?: string; readonly until?: string };
  /** Which parts of the program write it, such as `collector queues`. */
  readonly from: readonly string[];
}

/** Name of the file. */
export const LOCK_FILE = 'metrics.lock.json';

/** The lock of what a program declares. */
export function lockOf(program: DeclaredProgram): MetricsLock {
  const metrics = new Map<string, LockedMetric>();
  for (const group of program.groups) {
    for (const metric of group.metrics) {
      const one = locked(metric, group);
      const earlier = metrics.get(metric.name);
      metrics.set(metric.name, earlier === undefined ? one : together(earlier, one));
    }
  }
  return { generated: generatedBy(program), lockVersion: 1, program: program.name, metrics: [...metrics.values()] };
}

/** The lock as text: a line for each fact, so that diffs are small. */
export function lockText({ metrics, ...head }: MetricsLock): string {
  const fields = (one: object, indent: string): string =>
    Object.entries(one)
      .map(([key, value]) => `${indent}${JSON.stringify(key)}: ${onOneLine(value)}`)
      .join(',\n');
  const all = metrics.map((metric) => `    {\n${fields(metric, '      ')}\n    }`).join(',\n');
  return `{\n${fields(head, '  ')},\n  "metrics": [${all === '' ? '' : `\n${all}\n  `}]\n}\n`;
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${onOneLine(one)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function locked(metric: Metric, { kind, name }: DeclaredGroup): LockedMetric {
  const { labels, buckets, quantiles, states, unit, views = {} } = metric;
  return {
    name: metric.name,
    kind: metric.kind,
    help: metric.help,
    ...(unit !== '' && { unit }),
    ...(labels.length > 0 && {
      labels: Object.fromEntries(labels.map((label) => [label.name, label.values ?? null])),
    }),
    ...(buckets.length > 0 && { buckets }),
    ...(quantiles.length > 0 && { quantiles }),
    ...(states.length > 0 && { states }),
    ...(views.stability === 'experimental' && { experimental: true as const }),
    ...(views.deprecated !== undefined && { deprecated: views.deprecated }),
    from: [name === EVERY_PROBE ? name : `${kind} ${name}`],
  };
}

/** A family that several probes write: a response has that of one of them. */
function together(a: LockedMetric, b: LockedMetric): LockedMetric {
  const labels = { ...b.labels, ...a.labels };
  for (const [name, values] of Object.entries(b.labels ?? {})) {
    const mine = labels[name]!;
    if (mine === null) continue;
    labels[name] = values === null ? null : [...new Set([...mine, ...values])];
  }
  return {
    ...a,
    ...(Object.keys(labels).length > 0 && { labels }),
    from: [...new Set([...a.from, ...b.from])],
  };
}
