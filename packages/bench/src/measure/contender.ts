import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Program } from './programs.ts';

/** A contender's process, which does what it is told by lines on its stdin. */
export interface Contender {
  readonly name: string;
  readonly program: Program;
  readonly pid: number;
  readonly url: string;
  /** Has it do something, and returns its answer. */
  ask(command: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts a contender and waits until it listens.
 *
 * @throws Error when it ends instead; what it says about that is on our stderr.
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
    if (done) throw new Error(`${name} ended before it answered: ${child.spawnargs.join(' ')}`);
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
