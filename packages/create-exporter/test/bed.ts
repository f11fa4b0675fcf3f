import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { inject, onTestFinished } from 'vitest';
import { main } from '../src/cli.ts';
import type { Disk } from '../src/disk/disk.ts';

/** A workspace with the real templates, and nothing installed. */
export async function workspace(): Promise<string> {
  const root = await emptyFolder();
  cpSync(inject('templates'), join(root, 'templates'), { recursive: true });
  await writeFile(join(root, 'pnpm-workspace.yaml'), '');
  await writeFile(join(root, 'pnpm-lock.yaml'), 'as it was');
  await writeFile(join(root, 'package.json'), JSON.stringify({ packageManager: 'pnpm@0.0.1' }));
  await mkdir(join(root, 'apps'));
  return root;
}

/** A folder that goes with the test. */
export async function emptyFolder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'bed-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

/** Commits all there is. */
export function commitAll(root: string): void {
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: root, stdio: 'pipe' });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', 'all');
}

/** What a command said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command without a terminal; `cwd` may be given with what else it has. */
export async function cli(
  cwd: string | { cwd: string; disk?: Disk; input?: string },
  ...args: string[]
): Promise<Said> {
  const { input = '', ...around } = typeof cwd === 'string' ? { cwd } : cwd;
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(input);
  const code = await main(args, { stdin, stdout, stderr, ...around });
  const text = async (stream: PassThrough): Promise<string> => String(Buffer.concat(await stream.end().toArray()));
  // How many tasks take long enough to be told of is the machine's matter.
  const told = /^[A-Z].*(?: …|: \d+\.\d s)\n/gm;
  return { code, out: await text(stdout), err: (await text(stderr)).replaceAll(told, '') };
}

/** Every file below a folder, with its text; `.git` and ours are left out, folders end with `/`. */
export async function look(root: string): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const shown = path.slice(root.length + 1);
    if (/^(\.git|\.scaffolding)(\/|$)/.test(shown)) continue;
    if (entry.isDirectory()) seen[`${shown}/`] = '';
    else seen[shown] = entry.isFile() ? await readFile(path, 'utf8') : 'link';
  }
  return seen;
}

/** Changes a file. */
export async function edit(root: string, path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(join(root, path), 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${path} has nothing to edit`);
  await writeFile(join(root, path), after);
}
