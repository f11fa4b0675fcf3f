import { existsSync, statSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { runProgram } from 'test-servers';
import { execForm, stagesOf } from './dockerfile.ts';

/** What a Dockerfile makes, as a folder. */
export interface Image {
  /** Its working directory. */
  readonly folder: string;
  readonly entrypoint: readonly string[];
  /** `undefined` for a program that nobody asks how it is. */
  readonly healthcheck: readonly string[] | undefined;
  remove(): Promise<void>;
}

/**
 * Does what a Dockerfile says, without Docker: copies what it copies, runs what it runs. A stage is a folder here instead
 * of a file system, its base image is this machine, and nothing of the context is there that is to be left out. What is
 * copied from there is readable as after a checkout with umask 027: not by others.
 *
 * @param beside files that a lockfile names outside of the context, such as a tarball of the kit.
 * @throws Error with what a step said.
 */
export async function imageOf(dockerfile: string, context: string, beside: readonly string[] = []): Promise<Image> {
  const room = await mkdtemp(join(tmpdir(), 'image-'));
  const remove = (): Promise<void> => rm(room, { recursive: true, force: true });
  try {
    // For another user than this one.
    await chmod(room, 0o755);
    for (const file of beside) await cp(file, join(room, basename(file)));
    const kept = keeps(await readFile(`${dockerfile}.dockerignore`, 'utf8'));
    const filter = (path: string): boolean => kept(relative(context, path));
    const stages = stagesOf(await readFile(dockerfile, 'utf8'));
    let folder = room;
    for (const { name: stage, instructions } of stages) {
      const root = join(room, stage!);
      for (const { name, rest } of instructions) {
        if (name === 'WORKDIR') {
          folder = join(root, rest);
          await mkdir(folder, { recursive: true });
        }
        if (name === 'RUN') await step(rest.replaceAll(/(?<= )\/(?=\w)/g, `${root}/`), folder, root);
        if (name !== 'COPY') continue;
        const from = /^--from=(\S+) /.exec(rest)?.[1];
        const words = rest.split(' ').slice(from === undefined ? 0 : 1);
        const to = join(folder, words.pop()!);
        for (const word of words) {
          const path = join(from === undefined ? context : join(room, from), word.replace('*', ''));
          if (word.includes('*') && !existsSync(path)) continue;
          // Of a folder, what is in it.
          const into = statSync(path).isDirectory() ? to : join(to, basename(path));
          const options = { recursive: true, verbatimSymlinks: true };
          await cp(path, into, from === undefined ? { ...options, filter } : options);
          if (from === undefined) await forOwnerOnly(into);
        }
      }
    }
    const said = (name: string): string => stages.at(-1)!.instructions.find((each) => each.name === name)!.rest;
    return { folder, entrypoint: execForm(said('ENTRYPOINT'))!, healthcheck: execForm(said('HEALTHCHECK')), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Takes the rights of others from what was copied; links are left alone. */
async function forOwnerOnly(path: string): Promise<void> {
  const { isDirectory, mode } = await lstat(path).then((stat) => ({
    isDirectory: stat.isDirectory(),
    mode: stat.mode,
  }));
  for (const name of isDirectory ? await readdir(path) : []) {
    const entry = join(path, name);
    if (!(await lstat(entry)).isSymbolicLink()) await forOwnerOnly(entry);
  }
  await chmod(path, mode & 0o750);
}

/** Reads a `.dockerignore` of ours: names with `*`, at the top or, behind two stars and a slash, anywhere. */
function keeps(ignore: string): (path: string) => boolean {
  const patterns = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const source = patterns.map((pattern) => {
    const [, anywhere = '', name] = /^(\*\*\/)?([^/]+)$/.exec(pattern)!;
    return `${anywhere === '' ? '^' : '(^|/)'}${name!.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`;
  });
  const any = new RegExp(source.join('|'));
  return (path) => !any.test(path);
}

async function step(command: string, cwd: string, root: string): Promise<void> {
  const env = {
    // What `npm install --global` installs is the stage's own.
    npm_config_prefix: join(root, 'usr'),
    PATH: `${join(root, 'usr/bin')}:${process.env.PATH}`,
    npm_config_prefer_offline: 'true',
    // The tests themselves may run under npx, or pnpm.
    npm_config_package: undefined,
    npm_config_call: undefined,
    npm_config_user_agent: undefined,
    NODE_ENV: undefined,
  };
  const { code, stdout, stderr } = await runProgram(['-c', command], { command: 'sh', cwd, env, timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`RUN ${command}: ${code}\n${stdout}${stderr}`);
}

/** A command as the user that the images have; as it is, where only root could do that. */
export function asNobody([command, ...args]: readonly string[]): [command: string, args: string[]] {
  if (process.getuid?.() !== 0) return [command!, args];
  return ['setpriv', ['--reuid=65532', '--regid=65532', '--clear-groups', command!, ...args]];
}
