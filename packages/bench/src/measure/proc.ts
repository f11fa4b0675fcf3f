import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * CPU time of all threads of a process, in milliseconds, once none of them is running; includes garbage collection in the
 * background. From the scheduler's accounting, which is exact for sleeping threads, and costs the
 * process nothing.
 */
export function restedCpuMs(pid: number): number {
  const giveUp = performance.now() + 1_000;
  for (;;) {
    const { ms, running } = cpuOf(pid);
    if (!running || performance.now() > giveUp) return ms;
  }
}

/** A process and those that it has started. */
export function withChildren(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...children.split(' ').filter(Boolean).map(Number)];
}

function cpuOf(pid: number): { readonly ms: number; readonly running: boolean } {
  let ns = 0;
  let running = false;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    try {
      // In this order: the accounting of a thread that is already asleep is complete.
      running ||= readFileSync(`${folder}/stat`, 'utf8').includes(') R ');
      ns += Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]);
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error; // it has just exited
    }
  }
  return { ms: ns / 1e6, running };
}

/** Resets the process's peak memory; {@link peakBytes} returns the peak since. */
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
