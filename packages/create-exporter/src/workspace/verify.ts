import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { runTool } from './install.ts';
import { installerOf } from './package-manager.ts';
import type { Workspace } from './workspace.ts';

/** A check of a project that was just written. */
export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
}

/** In a workspace its linter, compiler and tests, without a build; in a standalone project its own scripts. */
export async function checksOf({ kind, root }: Pick<Workspace, 'kind' | 'root'>, folder: string): Promise<Check[]> {
  const project = join(root, folder);
  if (kind === 'folder') {
    const { manager } = await installerOf(project);
    return ['build', 'test'].map((name) => ({ name, command: [manager, 'run', name], cwd: project }));
  }
  const bin = (name: string): string => join(root, 'node_modules/.bin', name);
  const config = join(project, 'tsconfig.build.json');
  const checks: Check[] = [
    { name: 'lint', command: [bin('biome'), 'check', '--error-on-warnings', '--colors=off', project], cwd: root },
    {
      name: 'types',
      command: [bin('tsc'), '--noEmit', '--customConditions', '@exporter-kit/source', '-p', config],
      cwd: root,
    },
    { name: 'tests', command: [bin('vitest'), 'run', '--no-color'], cwd: project },
  ];
  return checks.filter(({ command }) => existsSync(command[0]));
}

/** @throws UserError with the check's output; the project stays for inspection. */
export async function verify(check: Check, folder: string): Promise<void> {
  const [command, ...args] = check.command;
  const { code, said } = await runTool(command, args, check.cwd);
  if (code === 0) return;
  throw new UserError(
    `${folder} was written, but its ${check.name} failed (${check.command.join(' ')}, exit ${code}):\n${said.trim()}`,
  );
}
