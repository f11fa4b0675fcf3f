import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Program } from './programs.ts';

/** A contender's process, controlled by lines on its stdin. */
export interface Contender {
  readonly name: string;
  readonly program: Program;
  readonly pid: number;
  readonly url: string;
  /** Sends a command and returns the answer. */
  ask(command: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts a contender and waits until it listens.
 *
 * @throws Error if it exits instead; its own error is on our stderr.
 */
export async function start(name: string, program: Program, args: readonly string[] = []): Promise<Contender> {
  const child = spawn(program.command, [...program.args, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...program.env },
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} exited before it answered: ${child.spawnargs.join(' ')}`);
    return value;
  };
  const url = await line();
  return {
    name,
    program,
    pid: child.pid!,
    url,
    ask(command) {
      child.stdin.write(`${command}\n`);
      return line();
    },
    async stop() {
      const kill = setTimeout(() => child.kill('SIGKILL'), 5_000);
      child.stdin.end();
      await exited;
      clearTimeout(kill);
    },
  };
}
