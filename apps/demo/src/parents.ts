import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const EVERY_MS = 500;

/** Calls back when a process that started this one (npm, pnpm, a shell between them) has ended, in any way. */
export function whenParentEnds(ended: () => void): void {
  const parent = process.ppid;
  const all = ancestors();
  const timer = setInterval(() => {
    if (process.ppid === parent && all.every(isAlive)) return;
    clearInterval(timer);
    ended();
  }, EVERY_MS);
  timer.unref();
}

/** Of the same process group, so without the user's interactive shell. */
function ancestors(): number[] {
  const found: number[] = [];
  const own = about(process.pid);
  for (let pid = own?.parent ?? 0; pid > 1; ) {
    const one = about(pid);
    if (one === undefined || one.group !== own?.group) break;
    found.push(pid);
    pid = one.parent;
  }
  return found;
}

function about(pid: number): { readonly parent: number; readonly group: number } | undefined {
  try {
    const [parent, group] = parentAndGroup(pid).map(Number) as [number, number];
    return { parent, group };
  } catch {
    return undefined;
  }
}

function parentAndGroup(pid: number): string[] {
  if (process.platform !== 'linux') {
    return execFileSync('ps', ['-o', 'ppid=,pgid=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/ +/);
  }
  // Before it are the state and a name that may contain any character.
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) \S /s, '')
    .split(' ', 2);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
