import { type Exemplar, type ExemplarLabels, exemplarLabels } from '../../../collect/store/exemplar.ts';

/** One exemplar of a number: its row and cell, the exemplar's value, when, in milliseconds since the epoch; and its labels. */
export type ExemplarReport = readonly [
  row: number,
  cell: number,
  value: number,
  timestampMs: number,
  labels: ExemplarLabels,
];

export function reportExemplar(at: number, cells: number, exemplar: Exemplar): ExemplarReport {
  const { value, timestampMs, labels } = exemplar;
  return [Math.floor(at / cells), at % cells, value, timestampMs, labels];
}

/** The exemplar of a report, which may be anything; `undefined` if it is not in order. Its row and cell are not checked. */
export function exemplarOf(report: unknown): Exemplar | undefined {
  if (!Array.isArray(report)) return undefined;
  const [, , value, timestampMs, given] = report as unknown[];
  if (!Number.isFinite(value) || !isTime(timestampMs)) return undefined;
  const labels = exemplarLabels(given);
  return labels && { labels, value: value as number, timestampMs };
}

/** Milliseconds since the epoch, up to the latest that a Date can be. */
export const isTime = (time: unknown): time is number => typeof time === 'number' && time >= 0 && time <= 8.64e15;
