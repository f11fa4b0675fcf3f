import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labels, type Merged, mergeLines } from './merge-lines.ts';

/** Merges two changes of one text, with git where it is there. */
export async function mergeText(base: string, ours: string, theirs: string, git = 'git'): Promise<Merged> {
  const folder = await mkdtemp(join(tmpdir(), 'merge-'));
  try {
    const paths = ['ours', 'base', 'theirs'].map((name) => join(folder, name));
    await Promise.all([ours, base, theirs].map((text, i) => writeFile(paths[i]!, text)));
    const names = [labels.ours, labels.base, labels.theirs].flatMap((label) => ['-L', label]);
    const merged = await run(git, ['merge-file', '-p', '--quiet', ...names, ...paths], folder);
    return merged ?? mergeLines(base, ours, theirs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** git's exit code is the number of conflicts; from 128 on, and without git, there is no result. */
function run(git: string, args: readonly string[], cwd: string): Promise<Merged | undefined> {
  return new Promise((resolve) => {
    execFile(git, [...args], { cwd, maxBuffer: 2 ** 26, encoding: 'utf8' }, (error, text) => {
      const code = error === null ? 0 : error.code;
      resolve(typeof code === 'number' && code >= 0 && code < 128 ? { text, conflicts: code } : undefined);
    });
  });
}
