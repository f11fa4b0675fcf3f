import { messageOf } from '../errors/thrown.ts';
import { type DeliverOptions, deliverTo, removeFrom } from '../push/deliver.ts';
import type { Group, Mode } from '../push/sink.ts';
import type { FlushStatus } from '../push/spool/flush.ts';
import { type Checked, checkExposition, readBounded } from './check-exposition.ts';
import { exitCodes } from './ending.ts';
import { PROGRAM } from './push-flags.ts';
import type { Sending } from './sinks.ts';

/** Checks the exposition on standard input and pushes it if it is valid. Returns the exit code. */
export async function pushInput(
  input: AsyncIterable<Buffer>,
  group: Group,
  mode: Mode,
  sending: Sending,
): Promise<number> {
  let checked: Checked;
  try {
    checked = checkExposition(await readBounded(input), group);
  } catch (error) {
    process.stderr.write(`${PROGRAM}: standard input: ${messageOf(error)}. Nothing was sent.\n`);
    return exitCodes.badInput;
  }
  const delivered = await deliverTo(
    sending.to,
    { ...group, mode, snapshot: checked.snapshot },
    deliverOptions(sending),
  );
  return delivered.every(({ error }) => error === undefined) ? 0 : exitCodes.undelivered;
}

/** Deletes a group, if it exists, and what the spool keeps of it. Returns the exit code. */
export async function removeGroup(group: Group, sending: Sending): Promise<number> {
  const removed = await removeFrom(sending.to, group, deliverOptions(sending));
  return removed.every(({ error }) => error === undefined) ? 0 : exitCodes.undelivered;
}

const messages: { readonly [status in Exclude<FlushStatus, 'delivered'>]: string } = {
  refused: 'rejected for good; dropped',
  expired: 'expired; dropped undelivered',
  kept: 'not delivered; kept in the spool',
  unmatched: 'kept in the spool: no flag names its destination',
};

/** For the whole spool. A failing sink is tried for one entry only, so this is for those that work. */
const WHOLE_MS = 300_000;

/** Delivers what a spool keeps. Returns the exit code: 0 if all of it was delivered. */
export async function flush(spool: string, { to, log }: Sending): Promise<number> {
  const { flushSpool } = await import('../push/spool/flush.ts');
  const flushed = await flushSpool(spool, to, { log, signal: AbortSignal.timeout(WHOLE_MS) });
  for (const { status, error, sink, job, grouping, runs } of flushed) {
    const facts = { job, ...(Object.keys(grouping).length === 0 ? {} : { grouping }), sink, runs };
    if (status === 'delivered') log.info(facts, 'delivered');
    else log.error({ ...facts, ...(error === undefined ? {} : { err: error }) }, messages[status]);
  }
  return flushed.every(({ status }) => status === 'delivered') ? 0 : exitCodes.undelivered;
}

/** Options of a delivery that starts now. */
function deliverOptions({ log, pushTimeoutMs, spool }: Sending): DeliverOptions {
  return {
    log,
    signal: AbortSignal.timeout(pushTimeoutMs),
    settledMs: Date.now(),
    ...(spool === undefined ? {} : { spool: { directory: spool } }),
  };
}
