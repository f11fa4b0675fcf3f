import { messageOf } from '../errors/thrown.ts';
import { deliverTo, removeFrom } from '../push/deliver-to.ts';
import type { Group, Mode } from '../push/sink.ts';
import { readBounded } from './bounded-input.ts';
import { type Checked, checkExposition } from './check-exposition.ts';
import { exitCodes } from './exit-codes.ts';
import { PROGRAM } from './push-flags.ts';
import { deliverOptions, type Sending } from './sending.ts';

/** Checks the exposition that comes in, and pushes it when nothing at all is wrong with it. Returns the exit code. */
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

/** Takes a group away, and what the spool keeps of it; that it is not there is fine. Returns the exit code. */
export async function removeGroup(group: Group, sending: Sending): Promise<number> {
  const removed = await removeFrom(sending.to, group, deliverOptions(sending));
  return removed.every(({ error }) => error === undefined) ? 0 : exitCodes.undelivered;
}
