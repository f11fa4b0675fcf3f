import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { whatIs } from './disk/disk.ts';

/** A result of git. */
export interface Answer {
  readonly code: number;
  readonly out: Buffer;
  readonly said: string;
}

/** Set by a hook that runs us: with them git would use the hook's repository instead of the folder's. */
const ofHook = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_COMMON_DIR',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
];

/** The environment without the variables that git sets for hooks. */
export function withoutHook(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ofHook.includes(name)));
}

/** Runs git in a folder; code 127 if git or the folder is missing. */
export function git(cwd: string, ...args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    // Its messages are parsed, and reading must not write.
    const env = { ...withoutHook(process.env), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };
    const child = spawn('git', ['-c', 'core.quotePath=false', ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(0, 4096);
    });
    child.on('error', (error) => resolve({ code: 127, out: Buffer.alloc(0), said: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, out: Buffer.concat(out), said }));
  });
}

/** Git's NUL-terminated paths, as `latin1` strings, which keep names that are not UTF-8 distinct. */
export const pathsOf = ({ out }: Answer): string[] =>
  out
    .toString('latin1')
    .split('\0')
    .filter((path) => path !== '');

/** A path of {@link pathsOf} as text; `undefined` when it is not UTF-8. */
export function named(path: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(path, 'latin1'));
  } catch {
    return undefined;
  }
}

/** A repository's submodules below a folder, as paths relative to it. */
export async function submodulesIn(folder: string): Promise<string[]> {
  const found = pathsOf(await git(folder, 'ls-files', '-z', '--stage', '--', '.'));
  return found.filter((line) => line.startsWith('160000 ')).flatMap((line) => named(line.split('\t')[1]!) ?? []);
}

/**
 * Updates git's records of a folder that was moved: of a worktree, of a repository with worktrees, of a submodule.
 */
export async function settle(folder: string): Promise<void> {
  const link = join(folder, '.git');
  const kind = await whatIs(link);
  if (kind === undefined) return;
  if (kind === 'file') {
    const [, to] = /^gitdir: (.*)$/m.exec(await readFile(link, 'utf8')) ?? [];
    const own = resolve(folder, to ?? '.');
    // Run from elsewhere: here git would look for the old place first.
    const worktree = ['config', '--file', join(own, 'config'), 'core.worktree'];
    if ((await git(tmpdir(), ...worktree)).code === 0) await git(tmpdir(), ...worktree, relative(own, folder));
  }
  await git(folder, 'worktree', 'repair');
}
