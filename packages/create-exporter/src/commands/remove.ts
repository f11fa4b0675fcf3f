import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removalOf } from '../plan/remove.ts';
import { UserError } from '../user-error.ts';
import { type Member, members, type Project, projectNamed } from '../workspace/members.ts';
import { refuseDirty } from '../workspace/uncommitted.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { apply, installOuter } from './apply.ts';
import { atMost, type Command } from './command.ts';

/** Removes a project. */
export const remove: Command = {
  name: 'remove',
  summary: 'removes a project, also from the lockfile',
  usage: '<project> [flags]',
  flags: {
    'dry-run': { type: 'boolean' },
    'no-install': { type: 'boolean' },
    'allow-dirty': { type: 'boolean' },
  },
  help: async () => `Its port becomes free.

Flags:
  --dry-run        list what would be removed
  --no-install     do not touch lockfile and node_modules
  --allow-dirty    continue although git could not restore it`,
  async execute(args, run) {
    atMost(args.words, 1);
    const [word] = args.words;
    if (word === undefined) throw new UserError('missing: <project>. See --help.', 64);
    const { cwd } = run.around;
    const workspace = await openWorkspace(cwd, word);
    const { root, kind } = workspace;
    const find = async (): Promise<Project> => {
      const all = await members(workspace);
      const project = projectNamed(word, all, root, cwd);
      refuseNeeded(project, all);
      return project;
    };
    const dirty = args.has('allow-dirty');
    const planned = async () => {
      const { folder } = await find();
      return { folder, ...(await removalOf(join(root, folder), dirty)) };
    };
    const dry = args.has('dry-run');
    const { folder, kept } = dry
      ? await planned()
      : await apply(workspace, run, {
          folder: (await find()).folder,
          installing: !args.has('no-install') && kind === 'repository',
          async work() {
            const result = await planned();
            const all = kind === 'repository' && result.kept.length === 0;
            const folders = all ? [result.folder] : result.gone.map((path) => `${result.folder}/${path}`);
            if (!dirty) await refuseDirty(workspace, result.folder);
            return { changes: { files: new Map(), folders }, install: [result.folder], result };
          },
        });
    // The folder of a standalone project is still there; rmdir fails if it holds anything.
    if (!dry && kept.length === 0) await rmdir(join(root, folder)).catch(() => {});
    if (!dry && !args.has('no-install') && kind === 'folder') await installOuter(join(root, folder), run);
    const text = [
      `${dry ? 'Would remove' : 'Removed'} ${folder}.`,
      ...(kept.length === 0 ? [] : [`${dry ? 'Would keep' : 'Kept'}, because git could not restore it:`]),
      ...kept.map((path) => `  ${folder}/${path}`),
    ].join('\n');
    return { exitCode: 0, text, data: { project: folder, kept, ...(dry ? { dryRun: true } : {}) } };
  },
};

/** @throws UserError if another package depends on it. */
export function refuseNeeded({ folder, manifest: { name } }: Project, all: readonly Member[]): void {
  const needs = all.filter(({ manifest }) =>
    [manifest.dependencies, manifest.devDependencies, manifest.peerDependencies].some(
      (list) => name !== undefined && list?.[name] !== undefined,
    ),
  );
  if (needs.length === 0) return;
  throw new UserError(
    `${folder} is a dependency of ${needs.map((each) => each.folder).join(', ')}; remove it there first.`,
  );
}
