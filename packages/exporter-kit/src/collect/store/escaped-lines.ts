import { type Escaping, isLegacyLabel, isLegacyName } from '../../metric/escape.ts';
import { labelNames } from '../../metric/labels.ts';
import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import { labelsOfRow } from './label-values.ts';
import { LineArena } from './line-arena.ts';
import { type LineHeads, lineHeads } from './line-heads.ts';
import type { SnapshotColumn } from './snapshot-column.ts';

// Lines per call: a column can have a million rows, and the event loop must not be blocked.
const AT_ONCE = 2048;

/** Lines under one escaping, for the first `rows` rows of a column: created on demand. */
interface LinesOfEscaping {
  readonly heads: LineHeads;
  readonly arena: LineArena;
  rows: number;
}

/**
 * A column's lines under each escaping but `allow-utf-8`, the arena's own; of a renamed column, under that as well. Shared by all
 * runs until rows are renumbered.
 */
export interface EscapedLines {
  readonly metric: Metric;
  readonly constLabels: LabelRecord;
  /** Whether no name needs quotes, so that only `dots` changes anything; determined on demand. */
  legacy: boolean | undefined;
  made: Map<Escaping, LinesOfEscaping> | undefined;
}

/** For a new column, or one whose rows are renumbered. */
export function newEscapedLines(metric: Metric, constLabels: LabelRecord): EscapedLines {
  return { metric, constLabels, legacy: undefined, made: undefined };
}

function isLegacy(lines: EscapedLines): boolean {
  const { metric, constLabels } = lines;
  lines.legacy ??= isLegacyName(metric.name) && labelNames(metric, constLabels).every(isLegacyLabel);
  return lines.legacy;
}

/**
 * The column with escaped names, from row `first` on. Lines are created a few thousand at a time: if the result has fewer
 * `rows` than the column, call again with that row.
 */
export function withEscapedNames(column: SnapshotColumn, escaping: Escaping, first: number): SnapshotColumn {
  const { escapedLines, labelNames: names, lines } = column;
  const isPlain = escaping === 'allow-utf-8' || (escaping !== 'dots' && isLegacy(escapedLines));
  if (isPlain && !column.isRenamed) return column;
  const key = isPlain ? 'allow-utf-8' : escaping;
  escapedLines.made ??= new Map();
  let own = escapedLines.made.get(key);
  if (own === undefined) {
    own = {
      heads: lineHeads(escapedLines.metric, escapedLines.constLabels, key),
      arena: new LineArena(),
      rows: 0,
    };
    escapedLines.made.set(key, own);
  }
  if (own.rows <= first) {
    const until = Math.min(column.rows, first + Math.ceil(AT_ONCE / lines));
    const keys = column.labelKeys();
    for (; own.rows < until; own.rows++) {
      // A row of another metric has none.
      const heads = own.rows < column.first ? [''] : own.heads.of(labelsOfRow(names, keys, own.rows));
      for (const head of heads) own.arena.append(head);
    }
  }
  const { bytes, view, ends } = own.arena;
  return { ...column, rows: Math.min(column.rows, own.rows), bytes, view, ends, frame: own.heads.frame };
}
