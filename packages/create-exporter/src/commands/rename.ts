import { join } from 'node:path';
import type { Changes } from '../disk/transaction.ts';
import { nameProblem, titleProblem } from '../names/names.ts';
import { type RenamePlan, renameOf } from '../plan/rename.ts';
import { writeViews } from '../project/views.ts';
import { UserError } from '../user-error.ts';
import { members, type Project, projectNamed } from '../workspace/members.ts';
import { refuseDirty } from '../workspace/uncommitted.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { apply, installOuter } from './apply.ts';
import { atMost, type Command } from './command.ts';
import { refuseNeeded } from './remove.ts';

/** Renames a project. */
export const rename: Command = {
  name: 'rename',
  summary: 'renames a project: folder, package, sources, metrics; edits are kept',
  usage: '<project> <name> [flags]',
  flags: {
    title: { type: 'string' },
    'dry-run': { type: 'boolean' },
    'no-install': { type: 'boolean' },
    'allow-dirty': { type: 'boolean' },
  },
  help: async () => `Metrics are renamed too: update dashboards and alerts.
The port stays the same.

Flags:
  --title=TITLE    display title (default: from the name)
  --dry-run        list the files and write nothing
  --no-install     do not touch lockfile and node_modules
  --allow-dirty    continue although git could not restore the current files`,
  async execute(args, run) {
    atMost(args.words, 2);
    const [word, name] = args.words;
    if (word === undefined || name === undefined) throw new UserError('missing: <project> and <name>. See --help.', 64);
    const title = args.value('title');
    const problem = nameProblem(name) ?? (title === undefined ? undefined : titleProblem(title));
    if (problem !== undefined) throw new UserError(problem, 64);
    const { cwd } = run.around;
    const workspace = await openWorkspace(cwd, word);
    const project = async (): Promise<Project> => {
      const all = await members(workspace);
      const found = projectNamed(word, all, workspace.root, cwd);
      refuseNeeded(found, all);
      return found;
    };
    const planned = async (): Promise<RenamePlan> => renameOf(await project(), name, title, workspace);
    const dry = args.has('dry-run');
    const { from, to, files, moves, left, isStale } = dry
      ? await planned()
      : await apply(workspace, run, {
          folder: (await project()).folder,
          installing: !args.has('no-install'),
          async work() {
            const result = await planned();
            const changes: Changes = { ...result, ...(result.to === result.from ? {} : { relocation: result }) };
            if (!args.has('allow-dirty')) await refuseDirty(workspace, result.from, changes);
            return { changes, install: [workspace.kind === 'repository' ? result.to : result.from], result };
          },
        });
    if (!dry && !args.has('no-install') && workspace.kind === 'folder' && to !== from)
      await installOuter(join(workspace.root, to), run);
    const at = (path: string): string => to + path.slice(from.length);
    const paths = [...new Set([...files.keys(), ...moves.keys()])].map(at).sort();
    const text = [
      `${dry ? 'Would rename' : 'Renamed'} ${from} to ${to === from ? `${name}; its folder stays, because the parent folder is not writable` : to}.`,
      ...(dry ? paths.map((path) => `  ${path}`) : []),
      ...(left.length === 0 ? [] : ['The old name is still in these lines of yours; check them:']),
      ...left.map((place) => `  ${place}`),
      ...(isStale ? [writeViews(to)] : []),
    ].join('\n');
    return { exitCode: 0, text, data: { from, to, files: paths, left, ...(dry ? { dryRun: true } : {}) } };
  },
};
