import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** Options of a program. */
export interface RunOptions {
  /** Default: this Node. */
  readonly command?: string;
  readonly cwd?: string;
  /** Added to this process's environment; `undefined` removes a variable. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Default 60 000. */
  readonly timeoutMs?: number;
}

/** The result of a program. */
export interface Exit {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running program. */
export interface Program {
  readonly pid: number;
  /** The match of `until`. */
  readonly match: RegExpMatchArray;
  /** Resolves when it has ended. */
  readonly exit: Promise<Exit>;
  /** Output of both streams so far, in order. */
  output(): string;
  /** Sends SIGTERM or the given signal, and waits; kills it after 30 s. No effect if it has ended. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
}

// Programs that a test did not stop end with the test process. Test runners end their workers by
// signals, which run no exit handler; with Linux's setpriv, the kernel ends the programs.
const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});
const leash = ['setpriv', '--pdeathsig', 'KILL'] as const;
let leashWorks: boolean | undefined;

function leashed(command: string, args: readonly string[]): [command: string, ...args: string[]] {
  const [program, ...flags] = leash;
  leashWorks ??= spawnSync(program, [...flags, 'true']).status === 0;
  return leashWorks ? [program, ...flags, command, ...args] : [command, ...args];
}

/**
 * Starts a program and waits until its output, with standard error, matches `until`; `/^/` does not wait.
 *
 * @example
 * const app = await startProgram(['dist/main.js', '--web.listen-address=127.0.0.1:0'], { until: /address=(\S+)/ });
 * const text = await (await fetch(`${app.match[1]}metrics`)).text();
 * expect((await app.stop()).code).toBe(0);
 * @throws Error with the output if it exits first, or does not match within `timeoutMs`.
 */
export async function startProgram(args: readonly string[], options: RunOptions & { until: RegExp }): Promise<Program> {
  const { until, timeoutMs = 60_000 } = options;
  const { command = process.execPath } = options;
  const what = [command, ...args].join(' ');
  const { child, exit, output } = launch(leashed(command, args), what, options);
  let timer: NodeJS.Timeout | undefined;
  try {
    const match = await new Promise<RegExpMatchArray>((resolve, reject) => {
      const look = () => {
        const found = output().match(until);
        if (!found) return;
        child.stdout.off('data', look);
        child.stderr.off('data', look);
        resolve(found);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      look();
      timer = setTimeout(
        () => reject(new Error(`${what}: no ${until} within ${timeoutMs} ms:\n${output()}`)),
        timeoutMs,
      );
      exit.then(
        ({ code, signal }) => reject(new Error(`${what} ended (${signal ?? code}) before ${until}:\n${output()}`)),
        reject,
      );
    });
    return { pid: child.pid as number, match, exit, output, stop: (signal) => stop(child, exit, signal) };
  } catch (error) {
    await stop(child, exit, 'SIGKILL').catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs a program to its end, with any exit code.
 *
 * @throws Error if it does not start, or not end within `timeoutMs`.
 */
export async function runProgram(args: readonly string[], options: RunOptions = {}): Promise<Exit> {
  const { command = process.execPath, timeoutMs = 60_000 } = options;
  const what = [command, ...args].join(' ');
  const { child, exit, output } = launch([command, ...args], what, options);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill(child);
  }, timeoutMs);
  try {
    const end = await exit;
    if (late) throw new Error(`${what} did not end within ${timeoutMs} ms:\n${output()}`);
    return end;
  } finally {
    clearTimeout(timer);
  }
}

function launch([command, ...args]: [command: string, ...args: string[]], what: string, { cwd, env }: RunOptions) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  alive.add(child);
  const out: string[] = [];
  const err: string[] = [];
  const both: string[] = [];
  for (const [stream, own] of [
    [child.stdout, out],
    [child.stderr, err],
  ] as const) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      own.push(text);
      both.push(text);
    });
  }
  const exit = new Promise<Exit>((resolve, reject) => {
    child.on('error', (cause) => {
      alive.delete(child);
      reject(new Error(`${what} did not start: ${cause.message}`, { cause }));
    });
    child.on('close', (code, signal) => {
      alive.delete(child);
      resolve({ code, signal, stdout: out.join(''), stderr: err.join('') });
    });
  });
  exit.catch(() => {}); // handled where it is awaited
  return { child, exit, output: () => both.join('') };
}

async function stop(child: ChildProcess, exit: Promise<Exit>, signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const timer = setTimeout(() => kill(child), 30_000);
  try {
    return await exit;
  } finally {
    clearTimeout(timer);
  }
}

/** Kills it and closes its output, which its child processes may still hold open. */
function kill(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}
