import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonFile } from '../json-file.ts';
import { UserError } from '../user-error.ts';

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

/**
 * The package manager of a standalone project: the one that its `packageManager` or its lockfile names, else the one that
 * started us (`pnpm create exporter` is pnpm).
 *
 * @throws UserError if `packageManager` names another one.
 */
export async function packageManagerOf(project: string): Promise<PackageManager> {
  const file = join(project, 'package.json');
  const { packageManager: named } = (await jsonFile(file, manifest)) ?? {};
  if (named === undefined) {
    const locking = names.find((name) => lockfiles[name].some((lockfile) => existsSync(join(project, lockfile))));
    return locking ?? startedBy(process.env.npm_config_user_agent);
  }
  const found = names.find((name) => named === name || named.startsWith(`${name}@`));
  if (found !== undefined) return found;
  throw new UserError(
    `${file}: packageManager is ${JSON.stringify(named)}, which is not known here; ` +
      `use ${names.join(', ')}, or add --no-install and install it yourself.`,
  );
}

/** A project's lockfile, whether it is there yet or not. */
export function lockfileOf(manager: PackageManager, project: string): string {
  const known = lockfiles[manager].map((file) => join(project, file));
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
