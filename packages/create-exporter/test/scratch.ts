import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, runProgram } from 'test-servers';
import { pnpmOf } from '../src/workspace/install.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** A copy of this workspace, as a fresh clone would be, with its dependencies installed. */
export interface Scratch {
  readonly root: string;
  /** Runs a program of the workspace, such as `tsc`, in one of its folders; throws unless it ends with 0. */
  tool(name: string, folder: string, ...args: string[]): Promise<Exit>;
  pnpm(...args: string[]): Promise<Exit>;
  remove(): Promise<void>;
}

/** Makes the copy: what git tracks, or would. */
export async function scratchWorkspace(): Promise<Scratch> {
  const root = await mkdtemp(join(tmpdir(), 'scratch-'));
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: repository });
  for (const path of listed.toString().split('\0')) {
    if (path !== '' && existsSync(join(repository, path))) await cp(join(repository, path), join(root, path));
  }
  await withoutTypedRules(join(root, 'biome.json'));
  const [command, ...first] = await pnpmOf(root);
  const scratch: Scratch = {
    root,
    tool: (name, folder, ...args) => run(join(root, 'node_modules/.bin', name), args, join(root, folder)),
    pnpm: (...args) => run(command, [...first, ...args], root),
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
  try {
    await scratch.pnpm('install', '--frozen-lockfile', '--prefer-offline');
  } catch (error) {
    await scratch.remove();
    throw error;
  }
  return scratch;
}

/** Rules that know types take five seconds a call, for all of the workspace. The templates are held to them in the repository. */
async function withoutTypedRules(file: string): Promise<void> {
  const { linter, ...config } = JSON.parse(await readFile(file, 'utf8'));
  const { nursery: _, ...rules } = linter.rules;
  await writeFile(file, JSON.stringify({ ...config, linter: { ...linter, rules } }, null, 2));
}

// The tests themselves may run under npx; see install.ts.
const outside = { npm_config_package: undefined, npm_config_call: undefined };

async function run(command: string, args: string[], cwd: string): Promise<Exit> {
  const exit = await runProgram(args, { command, cwd, env: outside, timeoutMs: 90_000 });
  if (exit.code !== 0)
    throw new Error(`${command} ${args.join(' ')} in ${cwd}: ${exit.code}\n${exit.stdout}${exit.stderr}`);
  return exit;
}
