import { messageOf } from '../../../errors/thrown.ts';
import type { Across } from '../across.ts';
import type { Membership } from '../join.ts';
import type { Folder } from './folder.ts';
import { Member } from './member.ts';

const EVERY_MS = 1000;
// Files of ended processes are looked for at every tenth.
const INHERIT_EVERY = 10;

/**
 * Writes what is counted here to a folder: every second, and when this process exits.
 *
 * @throws Error if the folder can't be used.
 */
export function joinFolder(across: Across, { path }: Folder): Membership {
  const member = begin(across, path);
  let ticks = 0;
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    await member.write();
    if (ticks++ % INHERIT_EVERY === 0) await member.inherit();
    working = undefined;
  }
  function tick(): void {
    working ??= work();
  }
  function writeLast(): void {
    try {
      member.writeLast(true);
    } catch {
      // The disk may be full, and nobody is left to be told.
    }
  }

  tick();
  const timer = setInterval(tick, EVERY_MS).unref();
  process.once('exit', writeLast);
  return {
    async leave() {
      clearInterval(timer);
      process.removeListener('exit', writeLast);
      await working;
      writeLast();
      member.leave();
    },
  };
}

function begin(across: Across, path: string): Member {
  try {
    return new Member(across, path);
  } catch (error) {
    throw new Error(
      `join: live ${across.name} can't use the folder ${path}: ${messageOf(error)}. Give this process' user a folder that it can read and write.`,
      {
        cause: error,
      },
    );
  }
}
