import type { LockedMetric, MetricsLock } from './lock.ts';

/**
 * How much a change asks of those who use the metrics. `breaking`: expressions that were right are so no longer. `minor`:
 * there is more to ask for. `patch`: only texts differ.
 */
export type Level = 'breaking' | 'minor' | 'patch';

/** Levels, the gravest first. */
export const LEVELS: readonly Level[] = ['breaking', 'minor', 'patch'];

/** One difference. */
export interface Change {
  readonly level: Level;
  readonly metric: string;
  /** Such as `label "queue" removed`. */
  readonly what: string;
}

/** What has changed between two versions of a program's metrics, in their order. */
export function changesBetween(old: MetricsLock, now: MetricsLock): Change[] {
  const before = new Map(old.metrics.map((metric) => [metric.name, metric]));
  const after = new Map(now.metrics.map((metric) => [metric.name, metric]));
  const changes: Change[] = [];
  for (const metric of old.metrics) {
    const { name } = metric;
    const next = after.get(name);
    const found = next === undefined ? [removal(metric, after)] : familyChanges(metric, next);
    // No promise was made about it.
    const level = (one: Found): Level => (metric.experimental && one.level === 'breaking' ? 'minor' : one.level);
    changes.push(...found.map((one) => ({ level: level(one), metric: name, what: one.what })));
  }
  for (const { name, experimental } of now.metrics) {
    if (before.has(name)) continue;
    changes.push({ level: 'minor', metric: name, what: experimental ? 'new, experimental' : 'new' });
  }
  return changes;
}

/** The gravest of some changes; `undefined` for none. */
export const gravest = (changes: readonly Change[]): Level | undefined =>
  LEVELS.find((level) => changes.some((change) => change.level === level));

type Found = Omit<Change, 'metric'>;

/** A metric that is gone; announced by `deprecated`, or unexpected. */
function removal({ deprecated }: LockedMetric, after: ReadonlyMap<string, LockedMetric>): Found {
  const { replacedBy, until } = deprecated ?? {};
  if (replacedBy !== undefined && after.has(replacedBy)) {
    return { level: 'breaking', what: `removed, as announced: it is now ${replacedBy}` };
  }
  if (deprecated === undefined) return { level: 'breaking', what: 'removed' };
  return { level: 'breaking', what: `removed, as announced${until === undefined ? '' : ` for ${until}`}` };
}

function familyChanges(old: LockedMetric, now: LockedMetric): Found[] {
  const found: Found[] = [];
  const say = (level: Level, what: string): unknown => found.push({ level, what });
  if (old.kind !== now.kind) say('breaking', `type changed from ${old.kind} to ${now.kind}`);
  if (old.unit !== now.unit) say('breaking', `unit changed from ${old.unit ?? 'none'} to ${now.unit ?? 'none'}`);
  found.push(...labelChanges(old.labels ?? {}, now.labels ?? {}));
  found.push(...valueChanges('state', old.states ?? [], now.states ?? []));
  found.push(...valueChanges('quantile', old.quantiles ?? [], now.quantiles ?? []));
  // Names and labels stay, and so do expressions; quantiles are estimated from other bounds.
  if (!same(old.buckets ?? [], now.buckets ?? [])) {
    say('minor', `buckets changed from ${listed(old.buckets)} to ${listed(now.buckets)}`);
  }
  if (old.help !== now.help) say('patch', 'help changed');
  const [was, is] = [old.deprecated, now.deprecated];
  if (was === undefined && is !== undefined) {
    say(
      'minor',
      `deprecated${is.replacedBy === undefined ? '' : `, replaced by ${is.replacedBy}`}${is.until === undefined ? '' : `, until ${is.until}`}`,
    );
  } else if (was !== undefined && is === undefined) say('minor', 'no longer deprecated');
  else if (was?.until !== is?.until || was?.replacedBy !== is?.replacedBy) say('patch', 'deprecation changed');
  if (old.experimental !== now.experimental) say('minor', now.experimental ? 'became experimental' : 'became stable');
  return found;
}

type Labels = NonNullable<LockedMetric['labels']>;

function labelChanges(old: Labels, now: Labels): Found[] {
  const removed = Object.keys(old).filter((name) => !Object.hasOwn(now, name));
  // Matching of series with one another, and aggregation by what was every label, break.
  const added = Object.keys(now).filter((name) => !Object.hasOwn(old, name));
  return [
    ...removed.map((name): Found => ({ level: 'breaking', what: `label ${JSON.stringify(name)} removed` })),
    ...added.map((name): Found => ({ level: 'breaking', what: `label ${JSON.stringify(name)} added` })),
    ...Object.entries(old).flatMap(([name, values]) => {
      const next = Object.hasOwn(now, name) ? now[name] : undefined;
      if (next === undefined || values === next) return [];
      const label = `label ${JSON.stringify(name)}`;
      if (values === null) return [{ level: 'minor', what: `${label} now takes only ${next!.join(', ')}` } as const];
      if (next === null) return [{ level: 'minor', what: `${label} now takes any value` } as const];
      return valueChanges(`value of ${label}`, values, next);
    }),
  ];
}

/** Of a list in which an expression may name each item. */
function valueChanges(what: string, old: readonly unknown[], now: readonly unknown[]): Found[] {
  const removed = old.filter((one) => !now.includes(one));
  const added = now.filter((one) => !old.includes(one));
  const said = (one: unknown): string => `${what} ${JSON.stringify(one)}`;
  return [
    ...removed.map((one): Found => ({ level: 'breaking', what: `${said(one)} removed` })),
    ...added.map((one): Found => ({ level: 'minor', what: `${said(one)} added` })),
  ];
}

const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i]);

const listed = (bounds: readonly number[] = []): string => (bounds.length === 0 ? 'none' : bounds.join(', '));
