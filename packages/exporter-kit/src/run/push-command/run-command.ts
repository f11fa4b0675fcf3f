import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import type { EndSignals } from './end-signals.ts';
import { exitCodes } from './exit-codes.ts';

/** How a command is run. */
export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signals: EndSignals;
  /** When it is asked to end, by SIGTERM; absent for never. */
  readonly timeoutMs?: number;
  /** How long it may take to end then, before SIGKILL. */
  readonly killAfterMs: number;
}

/** How a command ended. */
export interface CommandEnd {
  /** What a shell would make of it. */
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals;
  /** Why it counts as failed. */
  readonly problem?: string;
}

/**
 * Runs a command with our own standard streams, and passes on to it the signals that ask us to end.
 *
 * Away from a terminal the command leads a session of its own, so that signals reach all that it started: a script's `tar`
 * must not go on when the script is gone. At a terminal it stays where the keyboard's signals reach it, and passwords can
 * be asked for.
 */
export function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  options: CommandOptions,
): Promise<CommandEnd> {
  const { env, signals, timeoutMs, killAfterMs } = options;
  const atTerminal = [0, 1, 2].some((fd) => isatty(fd));
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: 'inherit', detached: !atTerminal });
    const send = (signal: NodeJS.Signals): void => sendTo(child, signal, !atTerminal);
    const timers: NodeJS.Timeout[] = [];
    let late = false;
    const letGo = signals.passTo((signal, again) => {
      if (again) send('SIGKILL');
      // The terminal has sent its own to the command as well.
      else if (!(atTerminal && signal === 'SIGINT')) send(signal);
    });
    if (timeoutMs !== undefined) {
      timers.push(
        setTimeout(() => {
          late = true;
          send('SIGTERM');
          timers.push(setTimeout(() => send('SIGKILL'), killAfterMs));
        }, timeoutMs),
      );
    }
    const end = (how: CommandEnd): void => {
      for (const timer of timers) clearTimeout(timer);
      letGo();
      resolve(how);
    };
    child.once('error', (error) => {
      // Also for a signal that could not be sent; only a command without a process has not started.
      if (child.pid === undefined) end(notStarted(program, error));
    });
    child.once('exit', (code, signal) => {
      if (late) end({ exitCode: exitCodes.timedOut, problem: `${program} ran out of time (--timeout) and was ended` });
      else end(ended(program, code, signal));
    });
  });
}

function sendTo(child: ChildProcess, signal: NodeJS.Signals, all: boolean): void {
  if (child.pid === undefined) return;
  try {
    process.kill(all ? -child.pid : child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function ended(program: string, code: number | null, signal: NodeJS.Signals | null): CommandEnd {
  if (code === 0) return { exitCode: 0 };
  if (code !== null) return { exitCode: code, problem: `${program} exited with ${code}` };
  const number = signal === null ? 0 : constants.signals[signal];
  return {
    exitCode: exitCodes.signalled + number,
    ...(signal === null ? {} : { signal }),
    problem: `${program} was ended by ${signal}`,
  };
}

function notStarted(program: string, error: NodeJS.ErrnoException): CommandEnd {
  if (error.code !== 'ENOENT') {
    const why = error.code === 'EACCES' ? 'it is not an executable file' : (error.code ?? error.message);
    return { exitCode: exitCodes.notExecutable, problem: `${program} can not be run: ${why}` };
  }
  const [word] = program.split(' ');
  const next = program.includes(' ')
    ? `; write ${word} and what follows as words of their own, or: sh -c '${program}'`
    : program.includes('/')
      ? ', or the interpreter in its first line is not there'
      : ' in $PATH';
  return { exitCode: exitCodes.notFound, problem: `${program}: there is no such command${next}` };
}
