import { type Kind, makeSource, type Source } from '../data/source.ts';
import type { Duties } from './obey.ts';

// Contenders are started with what they serve, the number of series (or lines), and whether a command changes the values
// or each scrape does; those that push, with the gateway's URL.
const [served, count, turning, to] = process.argv.slice(2) as [string, string, 'told' | 'self', string | undefined];
/** What is served. */
export const kind: string = served;
export const size: number = Number(count);
export const gateway: string = to ?? '';

/** The gauges this process was started for, and its commands about them. */
export function gauges(): { readonly source: Source; readonly duties: Duties } {
  const made = makeSource(served as Kind, size);
  let reads = 0;
  const read: Source['read'] = () => {
    if (turning === 'self') made.turn(reads);
    reads++;
    return made.read();
  };
  return { source: { ...made, read }, duties: { turn: made.turn, reads: () => reads } };
}
