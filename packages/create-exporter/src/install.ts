import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonFile } from './json-file.ts';
import { Refusal } from './refusal.ts';

/**
 * Adds a freshly written project to the workspace's lockfile and links its dependencies.
 * If that fails, the project is removed and the lockfile is as before.
 *
 * @throws Refusal with what pnpm said.
 */
export async function install(root: string, project: string): Promise<void> {
  const lockfile = join(root, 'pnpm-lock.yaml');
  const before = await readFile(lockfile).catch(() => undefined);
  const [command, ...args] = await pnpmOf(root);
  // Under CI pnpm would take the lockfile as given.
  const result = await run(command, [...args, 'install', '--no-frozen-lockfile', '--prefer-offline'], root);
  if (result.code === 0) return;
  await rm(project, { recursive: true, force: true });
  if (before !== undefined) await writeFile(lockfile, before);
  throw new Refusal(
    `pnpm install failed, so nothing was kept. It said:\n${result.said.trim()}\n` +
      'Put that right and run this again, or add --no-install and install later.',
  );
}

/** The pnpm that package.json pins: the one on PATH if it is that version, else by npx. */
export async function pnpmOf(root: string): Promise<[string, ...string[]]> {
  const manifest = await jsonFile(join(root, 'package.json'), z.looseObject({ packageManager: z.string().optional() }));
  const pinned = manifest?.packageManager ?? 'pnpm@latest';
  const found = await run('pnpm', ['--version'], root);
  if (found.code === 0 && `pnpm@${found.said.trim()}` === pinned) return ['pnpm'];
  return ['npx', '--yes', '--prefer-offline', pinned];
}

function run(command: string, args: readonly string[], cwd: string): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    // On Windows these commands are scripts, which only a shell starts.
    const shell = process.platform === 'win32';
    const child = spawn(command, args, { cwd, env: environment(), stdio: ['ignore', 'pipe', 'pipe'], shell });
    let said = '';
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', (error) => resolve({ code: 127, said: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, said }));
  });
}

/** Ours, without what an npx around us says about what it runs: an npx below would take that for its own. */
function environment(): NodeJS.ProcessEnv {
  const { npm_config_package: _package, npm_config_call: _call, ...rest } = process.env;
  return rest;
}
