import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const MOST_BYTES = 1 << 20;

/**
 * Runs a program and returns its standard output. If `signal` aborts, it is killed with all its child processes.
 *
 * @throws Error if it cannot be started, exits with another code than 0, writes more than 1 MiB, or `signal` aborts.
 */
export async function outputOf([program = '', ...args]: readonly string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  // A process group of its own, so that its child processes can be killed too.
  const child = spawn(program, args, { detached: process.platform !== 'win32', stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => kill(child);
  signal.addEventListener('abort', stop);
  const chunks: Buffer[] = [];
  let bytes = 0;
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) stop();
    else chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(0, 500);
  });
  try {
    const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
    signal.throwIfAborted();
    if (bytes > MOST_BYTES) throw new Error(`${program} wrote more than ${MOST_BYTES} bytes`);
    if (code !== 0)
      throw new Error(`${program} ended with ${code ?? killedBy}: ${complaint.trim() || 'no error message'}`);
    return Buffer.concat(chunks).toString();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has already exited.
  }
}
