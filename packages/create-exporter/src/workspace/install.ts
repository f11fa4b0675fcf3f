import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import spawn from 'cross-spawn';
import { z } from 'zod';
import { withoutHook } from '../git.ts';
import { jsonFile } from '../json-file.ts';
import { UserError } from '../user-error.ts';
import { type Installer, installArguments, installEnvironment, installerOf, lockfileOf } from './package-manager.ts';
import type { Workspace } from './workspace.ts';

/**
 * Brings the lockfile up to date and links dependencies: of the workspace, or of a standalone project.
 * If that fails, the lockfile is as before.
 *
 * @throws UserError with the package manager's output; the signal's reason if it aborts.
 */
export async function install(kind: Workspace['kind'], where: string, signal?: AbortSignal): Promise<void> {
  const { manager, home }: Installer =
    kind === 'repository' ? { manager: 'pnpm', home: where } : await installerOf(where);
  const [command, ...first] = kind === 'repository' ? await pnpmOf(where) : [manager];
  const lockfile = lockfileOf(manager, home);
  const before = await readFile(lockfile).catch(() => undefined);
  // By an empty one, yarn 2 and later know a project from a folder of the project around it.
  if (manager === 'yarn' && before === undefined) await writeFile(lockfile, '');
  const run = (preferOffline: boolean) =>
    runTool(command, [...first, ...installArguments(manager, preferOffline)], where, signal);
  let result = await run(true);
  // A cache does not know what was published after it was filled.
  if (/ETARGET|ERR_PNPM_NO_MATCHING_VERSION/.test(result.said)) result = await run(false);
  if (result.code === 0 && signal?.aborted !== true) return;
  if (before === undefined) await rm(lockfile, { force: true });
  else await writeFile(lockfile, before);
  signal?.throwIfAborted();
  throw new UserError(
    `${manager} install failed; all changes were reverted. Its output:\n${result.said.trim()}\n` +
      (result.code === NOT_FOUND
        ? `Install ${manager}, or add --no-install and install the dependencies later.`
        : 'Fix that and run the command again, or add --no-install and install later.'),
  );
}

/** The pnpm that package.json pins: the one on PATH if it is that version, else by npx. */
export async function pnpmOf(root: string): Promise<[string, ...string[]]> {
  const manifest = await jsonFile(join(root, 'package.json'), z.looseObject({ packageManager: z.string().optional() }));
  const pinned = manifest?.packageManager ?? 'pnpm@latest';
  const found = await runTool('pnpm', ['--version'], root);
  if (found.code === 0 && `pnpm@${found.said.trim()}` === pinned) return ['pnpm'];
  return ['npx', '--yes', '--prefer-offline', pinned];
}

/** A shell's exit code for a program that is not there. */
const NOT_FOUND = 127;

/** Runs a program to its end, or until the signal aborts. Resolves with its output, both streams together. */
export function runTool(
  command: string,
  args: readonly string[],
  cwd: string,
  signal?: AbortSignal,
): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    // On Windows these commands are scripts, which only a shell starts; it quotes what has a blank or a shell's characters.
    const child = spawn(command, args, { cwd, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    const end = (): void => {
      child.kill();
      killer = setTimeout(() => child.kill('SIGKILL'), 5000);
    };
    let killer: NodeJS.Timeout | undefined;
    if (signal?.aborted === true) end();
    signal?.addEventListener('abort', end);
    const ended = (code: number, words: string): void => {
      clearTimeout(killer);
      signal?.removeEventListener('abort', end);
      resolve({ code, said: words });
    };
    child.on('error', (error) => ended(NOT_FOUND, error.message));
    // Its children may hold the streams open longer.
    child.on('exit', (code) => signal?.aborted === true && ended(code ?? 1, said));
    child.on('close', (code) => ended(code ?? 1, said));
  });
}

/** Our environment for tools, without the variables of a git hook or npx around us: an npx that we start would use them. */
function environment(): NodeJS.ProcessEnv {
  const { npm_config_package: _package, npm_config_call: _call, ...rest } = withoutHook(process.env);
  return installEnvironment(rest);
}
