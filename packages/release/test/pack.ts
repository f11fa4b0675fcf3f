import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, runProgram } from 'test-servers';
import root from '../../../package.json' with { type: 'json' };

/** The packages that are published. */
export const names = [
  'exporter-kit',
  'create-exporter',
  'collector-host',
  'collector-postgres',
  'collector-redis',
] as const;

export type Name = (typeof names)[number];

export const folderOf = (name: Name): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** The same as `npm run release` gives pnpm. */
export const releasing = { pnpm_config_pnpmfile: fileURLToPath(new URL('../packed.js', import.meta.url)) };

export const pnpm = ['npx', '--yes', '--prefer-offline', root.packageManager] as const;

// Without what the npm that runs these tests says of itself.
const outside = { npm_config_package: undefined, npm_config_call: undefined, npm_config_user_agent: undefined };

/** Runs a command to its end. */
export function run(
  [command, ...args]: readonly string[],
  cwd: string,
  env: { readonly [name: string]: string | undefined } = {},
): Promise<Exit> {
  return runProgram(args, { command: command!, cwd, env: { ...outside, ...env }, timeoutMs: 300_000 });
}

/** @throws Error with its output unless it ends with 0. */
export async function succeed(...[command, cwd, env]: Parameters<typeof run>): Promise<Exit> {
  const exit = await run(command, cwd, env);
  if (exit.code !== 0) throw new Error(`${command.join(' ')}: ${exit.code}\n${exit.stdout}${exit.stderr}`);
  return exit;
}

/** What would be published of each package, in files. */
export async function packAll(
  scope = '',
): Promise<{ readonly tarballs: ReadonlyMap<Name, string>; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'packed-'));
  const program = fileURLToPath(new URL('../pack.js', import.meta.url));
  const { stdout } = await succeed([process.execPath, program, folder], folder, { RELEASE_SCOPE: scope });
  const lines = stdout.trim().split('\n');
  return {
    tarballs: new Map(lines.map((line) => line.split(' ') as [Name, string])),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
