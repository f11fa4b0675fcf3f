import { BOUNDS, type Call, CYCLE, familyName, makeApplication } from '../data/calls.ts';
import { seriesKey } from './exposition.ts';

/** The lines expected of `count` series after the first `made` calls, by {@link seriesKey}. With `add`, calls add their values. */
export function expectedOfCalls(kind: string, count: number, made: number): Map<string, number> {
  const [name] = kind.split('-') as [Call | 'add'];
  const call = name === 'add' ? 'inc' : name;
  const { series, picks, values } = makeApplication(count);
  const counts = series.map(() => new Float64Array(BOUNDS.length + 1));
  const sums = new Float64Array(count);
  const [cycles, rest] = [Math.floor(made / CYCLE), made % CYCLE];
  for (const [i, pick] of picks.entries()) {
    const times = cycles + (i < rest ? 1 : 0);
    const bucket = BOUNDS.findIndex((le) => values[i]! <= le);
    counts[pick]![bucket]! += times;
    sums[pick]! += times * values[i]!;
  }
  const lines = new Map<string, number>();
  for (const [i, { family, labels }] of series.entries()) {
    const line = familyName(call, family);
    let total = 0;
    for (const [b, le] of [...BOUNDS, '+Inf'].entries()) {
      total += counts[i]![b]!;
      if (call === 'observe') lines.set(seriesKey(`${line}_bucket`, { ...labels, le: String(le) }), total);
    }
    if (call === 'inc') lines.set(seriesKey(line, labels), name === 'add' ? sums[i]! : total);
    else lines.set(seriesKey(`${line}_sum`, labels), sums[i]!).set(seriesKey(`${line}_count`, labels), total);
  }
  return lines;
}
