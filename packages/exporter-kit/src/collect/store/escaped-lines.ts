import { type Escaping, isLegacyLabel, isLegacyName } from '../../metric/escape.ts';
import type { Metric } from '../../metric/metric.ts';
import { labelNames } from '../../metric/own-label.ts';
import type { LabelRecord } from '../families.ts';
import type { FrozenColumn } from './column.ts';
import { labelsOfRow } from './label-values.ts';
import { LineArena } from './line-arena.ts';
import { lineHeads } from './line-heads.ts';

// Lines made in one go: an escaped face of a million rows must not keep the event loop from its turn.
const AT_ONCE = 2048;

/** A column's lines with names escaped, made for as many rows as somebody has asked for. */
interface Face {
  readonly heads: (labels: LabelRecord) => string[];
  readonly arena: LineArena;
  rows: number;
}

/** How a column's lines read under other escapings than the arena's own `allow-utf-8`; shared by all runs of its rows. */
export interface Faces {
  readonly metric: Metric;
  readonly constLabels: LabelRecord;
  /** Whether no name needs quotes, so that only `dots` changes anything. */
  readonly legacy: boolean;
  readonly made: Map<Escaping, Face>;
}

/** The faces of a column's rows; rows that are numbered anew want new ones. */
export function newFaces(metric: Metric, constLabels: LabelRecord): Faces {
  return {
    metric,
    constLabels,
    legacy: isLegacyName(metric.name) && labelNames(metric, constLabels).every(isLegacyLabel),
    made: new Map(),
  };
}

/** The column as an escaping has it, for rows from `first` on: all that there are, or some and then `rows` ends there. */
export function faceOf(column: FrozenColumn, escaping: Escaping, first: number): FrozenColumn {
  const { faces, labelNames, labelKeys, lines } = column;
  if (escaping === 'allow-utf-8' || (faces.legacy && escaping !== 'dots')) return column;
  let face = faces.made.get(escaping);
  if (face === undefined) {
    face = { heads: lineHeads(faces.metric, faces.constLabels, escaping), arena: new LineArena(), rows: 0 };
    faces.made.set(escaping, face);
  }
  if (face.rows <= first) {
    const until = Math.min(column.rows, first + Math.ceil(AT_ONCE / lines));
    for (; face.rows < until; face.rows++) {
      const labels = labelsOfRow(labelNames, labelKeys, face.rows);
      for (const head of face.heads(labels)) face.arena.append(head);
    }
  }
  const { bytes, view, ends } = face.arena;
  return { ...column, rows: Math.min(column.rows, face.rows), bytes, view, ends };
}
