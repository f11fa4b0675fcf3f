import { type FlushStatus, flushSpool } from '../push/spool/flush.ts';
import { exitCodes } from './exit-codes.ts';
import type { Sending } from './sending.ts';

const said: { readonly [status in Exclude<FlushStatus, 'delivered'>]: string } = {
  refused: 'refused, and dropped, as it would be refused again',
  expired: 'too old, and dropped undelivered',
  kept: 'not delivered; it stays in the spool',
  unmatched: 'it stays in the spool: no flag names where it was to go',
};

/** For all of it. A sink in trouble is tried for one entry only, so this is for those that work. */
const WHOLE_MS = 300_000;

/** Delivers what a spool keeps. Returns the exit code: 0 when all that was there is delivered. */
export async function flush(spool: string, { to, log }: Sending): Promise<number> {
  const flushed = await flushSpool(spool, to, { log, signal: AbortSignal.timeout(WHOLE_MS) });
  for (const { status, error, sink, job, grouping, runs } of flushed) {
    const facts = { job, ...(Object.keys(grouping).length === 0 ? {} : { grouping }), sink, runs };
    if (status === 'delivered') log.info(facts, 'delivered');
    else log.error({ ...facts, ...(error === undefined ? {} : { err: error }) }, said[status]);
  }
  return flushed.every(({ status }) => status === 'delivered') ? 0 : exitCodes.undelivered;
}
