import { randomBytes } from 'node:crypto';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isGone, MARK, ownMark } from './owner.ts';
import { isOlderThan } from './replace-file.ts';

/** Wait and expiry of a lock. */
export interface LockOptions {
  /** Ends the wait; {@link locked} then throws. */
  readonly signal: AbortSignal;
  /** Age at which a lock of another machine is stale: whether its process lives can't be checked. */
  readonly staleMs: number;
}

/**
 * Runs `work` under a lock, between processes: one name in one folder. The lock of a killed process is free at once.
 *
 * A contender creates a ticket file in the folder, then lists the tickets, and has the lock if there is no other. Of two
 * that see each other, the later removes its own. Tickets are never reused, so that a stale one can't be mistaken for a
 * fresh one.
 *
 * @throws Error naming the process that holds it if `signal` aborts first; what `work` throws.
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
  // Sorts by time: the longest wait is next.
  const when = Date.now().toString().padStart(14, '0');
  const ticket = `.${name}.lock.${when}-${await ownMark()}-${randomBytes(4).toString('hex')}`;
  await (await open(join(folder, ticket), 'wx')).close();
  return ticket;
}

const drawn = new RegExp(`^\\d{14}-(${MARK.source})-[0-9a-f]{8}$`);

/** Tickets of live processes, oldest first. */
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
