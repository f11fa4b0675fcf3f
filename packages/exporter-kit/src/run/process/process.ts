import { isError, messageOf } from '../../errors/thrown.ts';
import { isUnderWay } from '../../time/wait.ts';
import { EXIT_USAGE, UsageError } from '../usage-error.ts';

/** Writes to standard output and waits until it is flushed: a process that exits earlier loses what a pipe has not taken. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The reader may be gone; without a listener, that would end the process with a stack trace.
    process.stdout.once('error', reject);
    process.stdout.write(text, (error) => {
      if (error) return;
      process.stdout.off('error', reject);
      resolve();
    });
  });
}

/**
 * Runs a program's main function and ends the process with the code it resolves to. Errors are printed as one line:
 * usage errors end with 64, others with 1.
 *
 * @param mask removes secrets from that line.
 */
export async function exitWith(
  program: string,
  main: () => Promise<number>,
  mask: (text: string) => string = (text) => text,
): Promise<never> {
  let code: number;
  try {
    code = await main();
  } catch (error) {
    // The message alone; causes are for programs.
    process.stderr.write(`${program}: ${mask(messageOf(error)).replaceAll('\n', ' ')}\n`);
    code = isError(error) && error instanceof UsageError ? EXIT_USAGE : 1;
  }
  if (isUnderWay() || isPoolBusy()) await endByForceAfter(2000);
  process.exit(code);
}

/** Resolves with the name of the first signal that asks the process to end; a second one ends it at once. */
export function askedToEnd(exit: (code: number) => void = process.exit): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let again = false;
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        if (again) exit(name === 'SIGINT' ? 130 : 143);
        again = true;
        resolve(name);
      });
    }
  });
}

/** Whether disk or name service calls, which may hang, are running in the thread pool. Node 26 lists some of them. */
function isPoolBusy(): boolean {
  return process.getActiveResourcesInfo().some((name) => /^(FSReq|Get(Addr|Name)Info)/.test(name));
}

let scheduled = false;

/**
 * Kills the process after `ms`, from a process of its own: Node waits for its threads even in `process.exit()`, and a call
 * in the thread pool may never return (a hung file system). Only the first call counts.
 */
export async function endByForceAfter(ms: number): Promise<void> {
  if (scheduled) return;
  scheduled = true;
  const { spawn } = await import('node:child_process');
  const kill = `setTimeout(() => { try { process.kill(${process.pid}, 'SIGKILL') } catch {} }, ${ms})`;
  spawn(process.execPath, ['-e', kill], { detached: true, stdio: 'ignore' }).unref();
}
