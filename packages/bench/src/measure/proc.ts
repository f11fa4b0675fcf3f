import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * CPU time of all threads that a process has, in milliseconds. From the scheduler's own account, which is exact for
 * threads that sleep, and costs the process nothing.
 */
function cpuMs(pid: number): number {
  let ns = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error; // it has just ended
    }
  }
  return ns / 1e6;
}

/** As soon as the process has come to rest, garbage collection in the background included: its CPU time so far. */
export async function restedCpuMs(pid: number): Promise<number> {
  const giveUp = performance.now() + 500;
  for (let before = cpuMs(pid); ; ) {
    const since = performance.now();
    await sleep(2);
    const after = cpuMs(pid);
    const now = performance.now();
    if (after - before < 0.02 * (now - since) || now > giveUp) return after;
    before = after;
  }
}

/** Forgets the process's peak memory: from now on {@link peakBytes} tells the peak since. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

export function peakBytes(pid: number): number {
  return statusKb(pid, 'VmHWM') * 1024;
}

export function residentBytes(pid: number): number {
  return statusKb(pid, 'VmRSS') * 1024;
}

function statusKb(pid: number, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (match === null) throw new Error(`/proc/${pid}/status has no ${field}`);
  return Number(match[1]);
}
