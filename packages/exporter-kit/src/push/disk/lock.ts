import { randomBytes } from 'node:crypto';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isGone, MARK, ownMark } from './owner.ts';
import { isOlderThan } from './replace-file.ts';

/** How long a lock is waited for, and believed. */
export interface LockOptions {
  /** Ends the waiting; the lock is then refused. */
  readonly signal: AbortSignal;
  /** After this long a holder on another machine, which can't be asked, counts as gone. */
  readonly staleMs: number;
}

/**
 * Does something that nobody else does at the same time, in this process or another, under the same name in the same
 * folder. What a killed process held is free at once.
 *
 * Each who wants the lock puts a ticket of his own into the folder, then looks: he goes in when he sees no other's. Of two
 * who see each other, the later takes his back. Tickets are never taken over, so there is no moment at which a stale one
 * is mistaken for a fresh one.
 *
 * @throws Error naming the process that has it, when `signal` aborts first; what `work` throws.
 */
export async function locked<T>(
  folder: string,
  name: string,
  { signal, staleMs }: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  let own: string | undefined;
  try {
    for (let waitMs = 2; ; waitMs = Math.min(50, waitMs * 2)) {
      const others = (await tickets(folder, name, staleMs)).filter((ticket) => ticket !== own);
      if (others.length === 0) {
        if (own !== undefined) break;
        own = await draw(folder, name);
        continue;
      }
      if (own !== undefined && others.some((other) => other < own!)) {
        await rm(join(folder, own), { force: true });
        own = undefined;
      }
      if (signal.aborted) throw new Error(`locked by ${holder(others[0]!)}; try again when it has finished`);
      await sleep(waitMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
    }
    return await work();
  } finally {
    if (own !== undefined) await rm(join(folder, own), { force: true });
  }
}

async function draw(folder: string, name: string): Promise<string> {
  // Sorts by time, so that who waits longest is next.
  const when = Date.now().toString().padStart(14, '0');
  const ticket = `.${name}.lock.${when}-${await ownMark()}-${randomBytes(4).toString('hex')}`;
  await (await open(join(folder, ticket), 'wx')).close();
  return ticket;
}

const drawn = new RegExp(`^\\d{14}-(${MARK.source})-[0-9a-f]{8}$`);

/** Tickets of those who live, first come first. */
async function tickets(folder: string, name: string, staleMs: number): Promise<string[]> {
  const beginning = `.${name}.lock.`;
  const living: string[] = [];
  for (const ticket of (await readdir(folder)).sort()) {
    const mark = ticket.startsWith(beginning) ? drawn.exec(ticket.slice(beginning.length))?.[1] : undefined;
    if (mark === undefined) continue;
    const path = join(folder, ticket);
    const gone = (await isGone(mark)) ?? (await isOlderThan(path, staleMs));
    if (gone) await rm(path, { force: true });
    else living.push(ticket);
  }
  return living;
}

function holder(ticket: string): string {
  const pid = ticket.split('-').at(-3);
  return pid === String(process.pid) ? 'another run in this process' : `process ${pid}`;
}
