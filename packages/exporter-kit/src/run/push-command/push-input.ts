import type { Logger } from '../../collect/context.ts';
import { messageOf } from '../../collect/runner.ts';
import type { Group, Mode, Sink } from '../../push/sink.ts';
import { readBounded } from './bounded-input.ts';
import { type Checked, checkExposition } from './check-exposition.ts';
import { exitCodes } from './exit-codes.ts';
import { PROGRAM } from './push-flags.ts';
import { toEach } from './to-each.ts';

/** Where an exposition goes. */
export interface InputOptions {
  readonly group: Group;
  readonly mode: Mode;
  readonly to: readonly Sink[];
  readonly log: Logger;
}

/** Checks the exposition that comes in, and pushes it when nothing at all is wrong with it. Returns the exit code. */
export async function pushInput(input: AsyncIterable<Buffer>, { group, mode, to, log }: InputOptions): Promise<number> {
  let checked: Checked;
  try {
    checked = checkExposition(await readBounded(input), group);
  } catch (error) {
    process.stderr.write(`${PROGRAM}: standard input: ${messageOf(error)}. Nothing was sent.\n`);
    return exitCodes.badInput;
  }
  const delivery = { ...group, mode, snapshot: checked.snapshot };
  return toEach(to, log, 'pushed', (sink, context) => sink.deliver(delivery, context));
}
