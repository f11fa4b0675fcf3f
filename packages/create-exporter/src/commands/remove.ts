import { Refusal } from '../refusal.ts';
import { refuseDirty } from '../workspace/clean.ts';
import { type Member, members, type Project, projectNamed } from '../workspace/members.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { apply } from './apply.ts';
import { atMost, type Command } from './command.ts';

/** Removes a project. */
export const remove: Command = {
  name: 'remove',
  summary: 'removes a project, from the lockfile too',
  usage: '<project> [flags]',
  flags: {
    'dry-run': { type: 'boolean' },
    'no-install': { type: 'boolean' },
    'allow-dirty': { type: 'boolean' },
  },
  help: async () => `Its port is free again.

Flags:
  --dry-run        say what would be removed
  --no-install     leave lockfile and node_modules alone
  --allow-dirty    go on although git could not bring it back`,
  async execute(args, run) {
    atMost(args.words, 1);
    const [word] = args.words;
    if (word === undefined) throw new Refusal('missing: <project>. See --help.', 64);
    const workspace = await openWorkspace(run.around.cwd);
    const find = async (): Promise<Project> => {
      const all = await members(workspace);
      const project = projectNamed(word, all, workspace.root, run.around.cwd);
      refuseNeeded(project, all);
      return project;
    };
    const dry = args.has('dry-run');
    const { folder } = dry
      ? await find()
      : await apply(workspace, run, !args.has('no-install') && workspace.kind === 'repository', async () => {
          const result = await find();
          if (!args.has('allow-dirty')) await refuseDirty(workspace.root, [result.folder]);
          return { changes: { files: new Map(), folders: [result.folder] }, install: [result.folder], result };
        });
    const text = `${dry ? 'Would remove' : 'Removed'} ${folder}.`;
    return { exitCode: 0, text, data: { project: folder, ...(dry ? { dryRun: true } : {}) } };
  },
};

/** @throws Refusal when another package depends on it. */
export function refuseNeeded({ folder, manifest: { name } }: Project, all: readonly Member[]): void {
  const needs = all.filter(({ manifest }) =>
    [manifest.dependencies, manifest.devDependencies, manifest.peerDependencies].some(
      (list) => name !== undefined && list?.[name] !== undefined,
    ),
  );
  if (needs.length === 0) return;
  throw new Refusal(`${folder} is needed by ${needs.map((each) => each.folder).join(', ')}; take it out there first.`);
}
