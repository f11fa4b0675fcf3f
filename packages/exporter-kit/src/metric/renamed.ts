import type { Metric } from './metric.ts';

/** The new name of a deprecated metric, if its declaration gives one. */
export const newNameOf = ({ views }: Metric): string | undefined => views?.deprecated?.replacedBy;

/** What the HELP text of a deprecated metric ends with; '' for others. */
export function deprecationNote({ views }: Metric): string {
  if (views?.deprecated === undefined) return '';
  const { replacedBy } = views.deprecated;
  return replacedBy === undefined ? ' (deprecated)' : ` (deprecated: use ${replacedBy})`;
}

// The same object at each scrape: what encoders make for a metric is kept by it.
const known = new WeakMap<Metric, Metric>();

/** A metric, as it is written, under its new name; `undefined` if it has none. */
export function underNewName(metric: Metric): Metric | undefined {
  const name = newNameOf(metric);
  if (name === undefined) return undefined;
  let renamed = known.get(metric);
  if (renamed === undefined) {
    const { deprecated: _, since: __, ...views } = metric.views!;
    const note = deprecationNote(metric);
    const help = metric.help.endsWith(note) ? metric.help.slice(0, -note.length) : metric.help;
    const { views: ___, ...rest } = metric;
    renamed = Object.freeze({ ...rest, name, help, ...(Object.keys(views).length > 0 && { views }) });
    known.set(metric, renamed);
  }
  return renamed;
}

/** A metric and, if it has one, the same under its new name. */
export function underBothNames(metric: Metric): readonly Metric[] {
  const renamed = underNewName(metric);
  return renamed === undefined ? [metric] : [metric, renamed];
}
