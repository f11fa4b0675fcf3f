import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What collector `f` waits for before it writes: every other one for nothing, the others for one of three things. */
export function waitingOf(f: number): (() => Promise<unknown>) | undefined {
  return f % 2 === 0 ? undefined : waits[((f - 1) / 2) % waits.length];
}

const waits: readonly (() => Promise<unknown>)[] = [
  () => Promise.resolve(),
  () => sleep(1),
  () => readFile('/proc/loadavg', 'latin1'),
];
