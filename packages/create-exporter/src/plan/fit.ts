import { join, relative, sep } from 'node:path';
import { type Installer, installerOf, lockfileOf } from '../workspace/package-manager.ts';
import { yarnSettings, yarnSettingsFor } from '../workspace/yarn.ts';
import type { Plan } from './create.ts';

/** What a new standalone project gets for the place it stands in. */
export interface Fit {
  /** Path to content; they are its owner's from then on. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What does not fit there, and what to change. */
  readonly notes: readonly string[];
}

/**
 * Fits a standalone project to its package manager, and to the workspace around it.
 *
 * @throws UserError if it can't be installed there.
 */
export async function fit(project: Plan, installing: boolean): Promise<Fit> {
  const installer = await installerOf(project.directory);
  const { manager, outer } = installer;
  const texts = new Map<string, string>();
  const settings = await yarnSettingsFor(project.directory, installer, installing);
  if (settings !== undefined) texts.set(yarnSettings, settings);
  // Otherwise pnpm installs the workspace around it, and not the project.
  if (manager === 'pnpm' && outer?.isMember === false) texts.set('pnpm-workspace.yaml', 'packages:\n  - .\n');
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  return {
    files: new Map([...texts].map(([path, text]) => [path, encode(text)])),
    notes: imageNotes(project, installer),
  };
}

/** How a workspace's member is installed, built and freed of what only builds need, from the workspace's root. */
const inWorkspace = {
  npm: (name: string) => `npm ci && npm run build --workspace=${name} && npm prune --omit=dev`,
  pnpm: (name: string) =>
    `pnpm install --frozen-lockfile && pnpm --filter ${name}... run build && pnpm --filter ${name} --legacy deploy --prod /image`,
  yarn: (name: string) =>
    `yarn install --immutable && yarn workspace ${name} run build && yarn workspaces focus --production ${name}`,
  bun: (name: string) =>
    `bun install --frozen-lockfile && bun run --filter ${name} build && bun install --frozen-lockfile --production`,
};

function imageNotes({ directory, folder, packageName, files }: Plan, { manager, outer, home }: Installer): string[] {
  const dockerfile = files.get('Dockerfile');
  if (dockerfile === undefined) return [];
  const lockfile = relative(home, lockfileOf(manager, home));
  if (outer?.isMember === true) {
    const there = relative(home, directory).split(sep).join('/');
    const context = relative(join(directory, 'deploy'), home).split(sep).join('/');
    const compose = files.has('deploy/compose.yaml') ? `\n  deploy/compose.yaml: context: ${context}` : '';
    const result =
      manager === 'pnpm'
        ? 'the last stage copies /image'
        : `the last stage copies node_modules and ${there}, to the same places`;
    return [
      `${folder} is a member of the workspace of ${outer.file}, whose ${lockfile} is its lockfile too. Change in
  Dockerfile: build from ${home} (docker build -f ${there}/Dockerfile .); the first stage copies all of it, and runs
    ${inWorkspace[manager](packageName)}
  ${result}.${compose}`,
    ];
  }
  if (Buffer.from(dockerfile).includes(lockfile)) return [];
  return [
    `${folder}/Dockerfile installs by npm or pnpm, and not from ${lockfile}: let it copy that and run ${manager} install, or build the image from a lockfile of npm.`,
  ];
}
