import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Exit, type Program, type RunOptions, runProgram, startProgram } from './program.ts';

/** A program with a process namespace of its own, in which it is process 1, as in a container. */
export interface Contained extends Program {
  /** Runs another program beside it, as `docker exec` and health checks do. */
  exec(args: readonly string[], options?: RunOptions): Promise<Exit>;
}

const own = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
const flags = [...own, '--pid', '--fork', '--mount-proc'];

/** Whether this machine lets us do so, for `describe.skipIf(!ok)`. If not, prints one line; in CI, throws. */
export function needContainers(): boolean {
  if (spawnSync('unshare', [...flags, 'true']).status === 0) return true;
  const line = "needs util-linux's unshare, and a kernel that allows process namespaces";
  if (process.env.PEERS_REQUIRED) throw new Error(`PEERS_REQUIRED is set, and this test ${line}`);
  console.warn(`SKIPPED: ${line}`);
  return false;
}

/** Like `startProgram`. */
export async function startContained(
  args: readonly string[],
  { command = process.execPath, ...options }: RunOptions & { until: RegExp },
): Promise<Contained> {
  const outer = await startProgram([...flags, command, ...args], { ...options, command: 'unshare' });
  // unshare waits for its only child, and ends as that does.
  const pid = Number(readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8'));
  const enter = [...(own.length > 0 ? ['--user', '--preserve-credentials'] : []), '--pid', '--mount'];
  return {
    ...outer,
    exec: (more, { command: other = process.execPath, ...rest } = {}) =>
      runProgram([`--target=${pid}`, ...enter, `--wdns=${rest.cwd ?? '/'}`, other, ...more], {
        ...rest,
        command: 'nsenter',
      }),
    stop(signal = 'SIGTERM') {
      process.kill(pid, signal);
      return outer.exit;
    },
  };
}
