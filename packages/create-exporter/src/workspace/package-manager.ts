import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { jsonFile } from '../json-file.ts';
import { UserError } from '../user-error.ts';
import { type Outer, outerWorkspace } from './outer.ts';

const names = ['npm', 'pnpm', 'yarn', 'bun'] as const;
/** What installs a project's dependencies. */
export type PackageManager = (typeof names)[number];

/** By preference: bun had a binary lockfile before its text. */
const lockfiles: { readonly [name in PackageManager]: readonly string[] } = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'],
  pnpm: ['pnpm-lock.yaml'],
  yarn: ['yarn.lock'],
  bun: ['bun.lock', 'bun.lockb'],
};

const manifest = z.looseObject({ packageManager: z.string().optional() });

/** How a standalone project is installed. */
export interface Installer {
  readonly manager: PackageManager;
  /** The folder with the lockfile: the project's own, or that of the workspace it is a member of. */
  readonly home: string;
  /** The workspace around it, whether it is a member or not. */
  readonly outer?: Outer;
}

/**
 * How a standalone project is installed: by the package manager that its own `packageManager` or lockfile names, else those
 * of the workspace that it is a member of, else by the one that started us (`pnpm create exporter` is pnpm).
 *
 * @throws UserError if `packageManager` names another one.
 */
export async function installerOf(project: string): Promise<Installer> {
  const outer = await outerWorkspace(project);
  const around = outer === undefined ? {} : { outer };
  const own = await namedIn(project);
  const home = outer?.isMember === true ? outer.root : project;
  if (own !== undefined || outer?.isMember !== true)
    return { manager: own ?? startedBy(process.env.npm_config_user_agent), home, ...around };
  const manager = basename(outer.file) === 'pnpm-workspace.yaml' ? 'pnpm' : await namedIn(outer.root);
  return { manager: manager ?? startedBy(process.env.npm_config_user_agent), home, ...around };
}

/** The package manager that a folder names. */
async function namedIn(folder: string): Promise<PackageManager | undefined> {
  const file = join(folder, 'package.json');
  const { packageManager: named } = (await jsonFile(file, manifest)) ?? {};
  if (named === undefined)
    return names.find((name) => lockfiles[name].some((lockfile) => existsSync(join(folder, lockfile))));
  const found = names.find((name) => named === name || named.startsWith(`${name}@`));
  if (found !== undefined) return found;
  throw new UserError(
    `${file}: packageManager is ${JSON.stringify(named)}, which is not known here; ` +
      `use ${names.join(', ')}, or add --no-install and install it yourself.`,
  );
}

/** A lockfile, whether it is there yet or not. */
export function lockfileOf(manager: PackageManager, folder: string): string {
  const known = lockfiles[manager].map((file) => join(folder, file));
  return known.find(existsSync) ?? known[0]!;
}

/** Arguments that bring the lockfile up to date, also under CI, where some refuse that by default. */
export function installArguments(manager: PackageManager, preferOffline: boolean): string[] {
  const offline = preferOffline ? ['--prefer-offline'] : [];
  if (manager === 'npm') return ['install', '--no-audit', '--no-fund', ...offline];
  return manager === 'pnpm' ? ['install', '--no-frozen-lockfile', ...offline] : ['install'];
}

/** Variables for {@link installArguments}: what a build needs is installed in production, too, and yarn may write its lockfile. */
export const installEnvironment = ({ NODE_ENV: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
});

/** @param agent as `npm/11.2.0 node/v24.1.0 linux x64` */
function startedBy(agent = ''): PackageManager {
  return names.find((name) => agent.startsWith(`${name}/`)) ?? 'npm';
}
