import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { exitCodes, takeEndSignals } from './ending.ts';

/** How a command is run. */
export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  /** When it gets SIGTERM; default: never. */
  readonly timeoutMs?: number;
  /** Time between SIGTERM and SIGKILL. */
  readonly killAfterMs: number;
  /** Called before this process ends at once; nothing else is. */
  readonly abandon: () => void;
}

/** How a command ended. */
export interface CommandEnd {
  /** As a shell would report it. */
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals;
  /** Why it failed. */
  readonly problem?: string;
}

/**
 * Runs a command with our own standard streams, and passes on to it the signals that ask us to end: the first as it is, the
 * second as SIGKILL. When the command has ended, the first does nothing: what follows is bounded.
 *
 * Away from a terminal the command leads a session of its own, so that signals reach all that it started: a script's `tar`
 * must not go on when the script is gone. At a terminal it stays where the keyboard's signals reach it, and passwords can
 * be asked for.
 */
export function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  { env, timeoutMs, killAfterMs, abandon }: CommandOptions,
): Promise<CommandEnd> {
  const atTerminal = [0, 1, 2].some((fd) => isatty(fd));
  return new Promise((resolve) => {
    const timers: NodeJS.Timeout[] = [];
    let pid: number | undefined;
    let late = false;
    const send = (signal: NodeJS.Signals): void => {
      if (pid !== undefined) sendTo(atTerminal ? pid : -pid, signal);
    };
    // Before the command starts, so that no signal falls in between.
    takeEndSignals((signal, again) => {
      // The terminal has sent its own to the command as well.
      if (!again && atTerminal && signal === 'SIGINT') return;
      send(again ? 'SIGKILL' : signal);
      if (again) abandon();
    });
    const child = spawn(program, args, { env, stdio: 'inherit', detached: !atTerminal });
    pid = child.pid;
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
      pid = undefined;
      for (const timer of timers) clearTimeout(timer);
      resolve(how);
    };
    child.once('error', (error) => {
      // Only a command without a process has not started.
      if (child.pid === undefined) end(notStarted(program, error));
    });
    child.once('exit', (code, signal) => {
      if (late) end({ exitCode: exitCodes.timedOut, problem: `${program} exceeded --timeout and was terminated` });
      else end(ended(program, code, signal));
    });
  });
}

/** @param to a process, or less than 0 for a group of them. */
function sendTo(to: number, signal: NodeJS.Signals): void {
  try {
    process.kill(to, signal);
  } catch {
    // It is gone, or it has become another user's, as with sudo, and takes no signals of ours.
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
    const why = error.code === 'EACCES' ? 'not an executable file' : (error.code ?? error.message);
    return { exitCode: exitCodes.notExecutable, problem: `${program} cannot be run: ${why}` };
  }
  const [word] = program.split(' ');
  const next = program.includes(' ')
    ? `; write ${word} and what follows as words of their own, or: sh -c '${program}'`
    : program.includes('/')
      ? ', or the interpreter in its first line is not there'
      : ' in $PATH';
  return { exitCode: exitCodes.notFound, problem: `${program}: command not found${next}` };
}
