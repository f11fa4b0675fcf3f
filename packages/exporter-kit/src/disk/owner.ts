import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Matches a mark inside a file's name. */
export const MARK: RegExp = /[0-9a-f]{8}-\d+-\d+/;

/**
 * This process, for the names of files that must not outlive their writer: machine, process id and time of its start. The
 * machine is one boot of a kernel and one pid namespace, so that another container's process is not taken for dead.
 */
export async function ownMark(): Promise<string> {
  return `${await machine()}-${process.pid}-${(await startOf(process.pid)) ?? 0}`;
}

/** Whether the process of a mark has ended; `undefined` if unknown, as on another machine. */
export async function isGone(mark: string): Promise<boolean | undefined> {
  const [where, pid, start] = mark.split('-') as [string, string, string];
  if (where !== (await machine())) return undefined;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // A process that may not be signalled exists.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  // Process ids are reused. Where start times can't be read, all are 0.
  return ((await startOf(Number(pid))) ?? 0) !== Number(start);
}

let known: Promise<string> | undefined;

function machine(): Promise<string> {
  known ??= (async () => {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname());
    const pids = await readlink('/proc/self/ns/pid').catch(() => '');
    return createHash('sha256').update(`${boot}\n${pids}`).digest('hex').slice(0, 8);
  })();
  return known;
}

/** When a process started, in kernel ticks; `undefined` for a dead one, even if not yet reaped. */
async function startOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The program's name, in parentheses, may hold anything. Source: proc(5), fields 3 and 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.length < 20 || fields[0] === 'Z' ? undefined : Number(fields[19]);
}
