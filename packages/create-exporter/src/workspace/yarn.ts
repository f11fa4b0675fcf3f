import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../user-error.ts';
import { runTool } from './install.ts';
import type { Installer } from './package-manager.ts';

/** What a new project needs where yarn installs it. */
export const yarnSettings = '.yarnrc.yml';

/**
 * The settings of a new project for yarn 2 and later, whose default is Plug'n'Play: TypeScript 7 can't find packages in it.
 * `undefined` if none are needed: yarn 1, another package manager, or somebody has decided.
 *
 * @throws UserError if Plug'n'Play was decided, and the project is to be installed.
 */
export async function yarnSettingsFor(
  project: string,
  { manager, outer }: Installer,
  installing: boolean,
): Promise<string | undefined> {
  if (manager !== 'yarn') return undefined;
  let place = project;
  while (!existsSync(place)) place = dirname(place);
  // Yarn 1 has no such setting, and answers in its own way.
  const { said } = await runTool('yarn', ['config', 'nodeLinker', '--json'], place);
  const [, linker, source] = /"effective":"([^"]+)","source":"([^"]+)"/.exec(said) ?? [];
  if (linker !== 'pnp') return undefined;
  if (source === '<default>' && outer?.isMember !== true) return 'nodeLinker: node-modules\n';
  if (!installing) return undefined;
  const where = source === '<default>' ? `the default, in ${outer!.root}` : source;
  throw new UserError(
    `yarn installs with Plug'n'Play here (nodeLinker: ${where}), where TypeScript 7 can't find packages. ` +
      `Set "nodeLinker: node-modules"; or add --no-install, and use "typescript": "^6.0.3", which yarn adapts.`,
  );
}
