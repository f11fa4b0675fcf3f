import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** An exporter that listens. */
export interface Running {
  readonly url: string;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** The folder of this package, or of one that it depends on. */
export function folderOf(name: string): string {
  const manifest =
    name === 'demo' ? new URL('../package.json', import.meta.url).href : import.meta.resolve(`${name}/package.json`);
  return dirname(fileURLToPath(manifest));
}

/** Runs a Node script; shows its output only if it fails. */
export async function runToEnd(script: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collect(child);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${output()}`);
}

const leash = new URL('./leash.js', import.meta.url).href;

/** Starts an exporter on a free port, and waits until it listens. It ends with this process. */
export async function startExporter(script: string, args: readonly string[] = []): Promise<Running> {
  const child = spawn(process.execPath, ['--import', leash, script, '--web.listen-address=127.0.0.1:0', ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const output = collect(child);
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr!.on('data', () => {
      const found = /msg=listening address=(\S+)/.exec(output());
      if (found !== null) resolve(found[1]!);
    });
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}:\n${output()}`)));
  });
  return {
    url,
    child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function collect(child: ChildProcess): () => string {
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => parts.push(part));
  return () => parts.join('');
}
