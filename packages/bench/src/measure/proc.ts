import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * CPU time that all threads of a process have had, in milliseconds, as soon as none of them is running: garbage collection
 * in the background is included. From the scheduler's own account, which is exact for threads that sleep, and costs the
 * process nothing.
 */
export function restedCpuMs(pid: number): number {
  const giveUp = performance.now() + 1_000;
  for (;;) {
    const { ms, running } = cpuOf(pid);
    if (!running || performance.now() > giveUp) return ms;
  }
}

function cpuOf(pid: number): { readonly ms: number; readonly running: boolean } {
  let ns = 0;
  let running = false;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    try {
      // In this order: what is asleep before its account is read has all of its time in there.
      running ||= readFileSync(`${folder}/stat`, 'utf8').includes(') R ');
      ns += Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]);
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error; // it has just ended
    }
  }
  return { ms: ns / 1e6, running };
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
