import { unifiedDiff } from '../plan/diff.ts';
import { type Upgrade, upgradeOf } from '../plan/upgrade.ts';
import { writeViews } from '../project/views.ts';
import { UserError } from '../user-error.ts';
import { isProject, members, type Project, projectNamed } from '../workspace/members.ts';
import { refuseDirty } from '../workspace/uncommitted.ts';
import { openWorkspace, type Workspace } from '../workspace/workspace.ts';
import { apply, type Work } from './apply.ts';
import { atMost, type Command, type Parsed, type Report, type Run } from './command.ts';

/** Updates projects to their current templates. */
export const upgrade: Command = {
  name: 'upgrade',
  summary: 'updates projects to their current templates; edits are kept',
  usage: '[project | --all] [flags]',
  flags: {
    all: { type: 'boolean' },
    check: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    'no-install': { type: 'boolean' },
    'allow-dirty': { type: 'boolean' },
  },
  async help() {
    return `A three-way merge of the old template, the new template
and your files. Files that you deleted stay deleted. Conflicts are marked as in git, and the exit code is 2.

Flags:
  --all            all projects made from templates
  --check          write nothing; exit with 2 if a project is behind its template
  --dry-run        print a unified diff and write nothing
  --no-install     do not touch lockfile and node_modules
  --allow-dirty    continue although git could not restore the current files`;
  },
  async execute(args, run) {
    atMost(args.words, 1);
    const workspace = await openWorkspace(run.around.cwd, args.words[0]);
    const looking = args.has('check') || args.has('dry-run');
    const projects = await chosen(args, workspace, run);
    if (looking) return report(await upgradesOf(projects, workspace, run), args);
    // Standalone projects share nothing.
    const groups = workspace.kind === 'repository' ? [projects] : projects.map((project) => [project]);
    const upgrades: Upgrade[] = [];
    for (const [first] of groups) {
      const { folder } = first ?? { folder: '.' };
      const work = async () => {
        const now = await chosen(args, workspace, run);
        return written(workspace.kind === 'repository' ? now : now.filter((each) => each.folder === folder));
      };
      upgrades.push(...(await apply(workspace, run, { folder, installing: !args.has('no-install'), work })));
    }
    return report(upgrades, args);

    async function written(some: readonly Project[]): Promise<Work<Upgrade[]>> {
      const result = await upgradesOf(some, workspace, run);
      for (const { folder, changes } of result) {
        if (changes.size > 0 && !args.has('allow-dirty')) await refuseDirty(workspace, folder, { files: changes });
      }
      const install = result
        .filter((each) => each.changes.has(`${each.folder}/package.json`))
        .map((each) => each.folder);
      return { changes: { files: new Map(result.flatMap((each) => [...each.changes])) }, install, result };
    }
  },
};

async function chosen(args: Parsed, workspace: Workspace, { around }: Run): Promise<Project[]> {
  const all = await members(workspace);
  if (!args.has('all')) return [projectNamed(args.words[0], all, workspace.root, around.cwd)];
  if (args.words.length > 0) throw new UserError('--all and <project> are mutually exclusive.', 64);
  return all.filter(isProject).filter(({ about }) => about.template !== null);
}

async function upgradesOf(projects: readonly Project[], workspace: Workspace, { progress }: Run): Promise<Upgrade[]> {
  const found: Upgrade[] = [];
  for (const project of projects) {
    found.push(await progress(`Merging ${project.folder}`, () => upgradeOf(project, workspace)));
  }
  return found;
}

function report(upgrades: readonly Upgrade[], args: Parsed): Report {
  const check = args.has('check');
  const conflicts = upgrades.flatMap(({ folder, outcomes }) =>
    [...outcomes].filter(([, outcome]) => outcome === 'conflict').map(([path]) => `${folder}/${path}`),
  );
  const behind = upgrades.filter(({ changes }) => changes.size > 0);
  const diff = args.has('dry-run') ? unifiedDiff(new Map(upgrades.flatMap(({ changes }) => [...changes]))) : '';
  const parts = upgrades.map((each) => summaryOf(each, check || args.has('dry-run')));
  if (conflicts.length > 0)
    parts.push(`Conflicts, marked with <<<<<<< in: ${conflicts.join(', ')}. Resolve them, then run the tests.`);
  return {
    exitCode: conflicts.length > 0 || (check && behind.length > 0) ? 2 : 0,
    text: `${diff === '' ? '' : `${diff}\n`}${parts.join('\n') || 'No project here was made from a template.'}`,
    data: {
      projects: upgrades.map(({ folder, outcomes, notes, byHand, changes }) => ({
        project: folder,
        behind: changes.size > 0,
        files: Object.fromEntries(outcomes),
        notes,
        byHand,
      })),
      conflicts,
      ...(diff === '' ? {} : { diff }),
    },
  };
}

function summaryOf({ folder, changes, outcomes, notes, byHand, hasViews }: Upgrade, looking: boolean): string {
  if (changes.size === 0) return `${folder} is up to date.`;
  const lines = [...outcomes].map(([path, outcome]) => `  ${outcome.padEnd(8)}  ${path}`);
  const codemods = notes.map((note) => `  codemod   ${note}`);
  const hints = byHand.map((hint) => `To do by hand in ${folder}: ${hint}`);
  const views = hasViews && !looking ? [writeViews(folder)] : [];
  return [
    `${folder} ${looking ? 'is behind its template' : 'was upgraded'}:`,
    ...codemods,
    ...lines,
    ...hints,
    ...views,
  ].join('\n');
}
