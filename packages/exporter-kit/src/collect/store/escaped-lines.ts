import { type Escaping, isLegacyLabel, isLegacyName } from '../../metric/escape.ts';
import { labelNames } from '../../metric/labels.ts';
import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { FrozenColumn } from './column.ts';
import { labelsOfRow } from './label-values.ts';
import { LineArena } from './line-arena.ts';
import { lineHeads } from './line-heads.ts';

// Lines made in one go: a column may have a million rows, and the event loop must not be blocked.
const AT_ONCE = 2048;

/** Lines under one escaping, for the first `rows` rows of a column: made as far as they were asked for. */
interface LinesOfEscaping {
  readonly heads: (labels: LabelRecord) => string[];
  readonly arena: LineArena;
  rows: number;
}

/** A column's lines under each escaping but the arena's own `allow-utf-8`; shared by all runs until rows are renumbered. */
export interface EscapedLines {
  readonly metric: Metric;
  readonly constLabels: LabelRecord;
  /** Whether no name needs quotes, so that only `dots` changes anything. */
  readonly legacy: boolean;
  readonly made: Map<Escaping, LinesOfEscaping>;
}

/** Nothing escaped yet. A column whose rows are renumbered needs a new one. */
export function newEscapedLines(metric: Metric, constLabels: LabelRecord): EscapedLines {
  return {
    metric,
    constLabels,
    legacy: isLegacyName(metric.name) && labelNames(metric, constLabels).every(isLegacyLabel),
    made: new Map(),
  };
}

/**
 * The column with names under an escaping, from row `first` on. Lines are made a few thousand at a time: the result may have
 * fewer `rows` than the column, then call again with that row.
 */
export function withEscapedNames(column: FrozenColumn, escaping: Escaping, first: number): FrozenColumn {
  const { escapedLines, labelNames: names, labelKeys, lines } = column;
  if (escaping === 'allow-utf-8' || (escapedLines.legacy && escaping !== 'dots')) return column;
  let own = escapedLines.made.get(escaping);
  if (own === undefined) {
    own = {
      heads: lineHeads(escapedLines.metric, escapedLines.constLabels, escaping),
      arena: new LineArena(),
      rows: 0,
    };
    escapedLines.made.set(escaping, own);
  }
  if (own.rows <= first) {
    const until = Math.min(column.rows, first + Math.ceil(AT_ONCE / lines));
    for (; own.rows < until; own.rows++)
      for (const head of own.heads(labelsOfRow(names, labelKeys, own.rows))) own.arena.append(head);
  }
  const { bytes, view, ends } = own.arena;
  return { ...column, rows: Math.min(column.rows, own.rows), bytes, view, ends };
}
