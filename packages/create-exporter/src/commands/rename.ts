import { nameProblem, titleProblem } from '../names/names.ts';
import { type RenamePlan, renameOf } from '../project/rename-project.ts';
import { Refusal } from '../refusal.ts';
import { refuseDirty } from '../workspace/clean.ts';
import { members, projectNamed } from '../workspace/members.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { apply } from './apply.ts';
import { atMost, type Command } from './command.ts';
import { refuseNeeded } from './remove.ts';

/** Gives a project another name. */
export const rename: Command = {
  name: 'rename',
  summary: 'gives a project another name: folder, package, sources, metrics; edits are kept',
  usage: '<project> <name> [flags]',
  flags: {
    title: { type: 'string' },
    'dry-run': { type: 'boolean' },
    'no-install': { type: 'boolean' },
    'allow-dirty': { type: 'boolean' },
  },
  help: async () => `The metrics get other names, too: think of who
draws them. It keeps its port.

Flags:
  --title=TITLE    as people write it (default: from the name)
  --dry-run        list the files, write nothing
  --no-install     leave lockfile and node_modules alone
  --allow-dirty    go on although git could not bring back what is there`,
  async execute(args, run) {
    atMost(args.words, 2);
    const [word, name] = args.words;
    if (word === undefined || name === undefined) throw new Refusal('missing: <project> and <name>. See --help.', 64);
    const title = args.value('title');
    const problem = nameProblem(name) ?? (title === undefined ? undefined : titleProblem(title));
    if (problem !== undefined) throw new Refusal(problem, 64);
    const workspace = await openWorkspace(run.around.cwd);
    const planned = async (): Promise<RenamePlan> => {
      const all = await members(workspace);
      const project = projectNamed(word, all, workspace.root, run.around.cwd);
      refuseNeeded(project, all);
      return renameOf(project, name, title, workspace);
    };
    const dry = args.has('dry-run');
    const { from, to, files, left } = dry
      ? await planned()
      : await apply(workspace, run, !args.has('no-install'), async () => {
          const result = await planned();
          if (!args.has('allow-dirty')) await refuseDirty(workspace.root, [result.from]);
          return { changes: { files: result.files, folders: [result.from] }, install: [result.to], result };
        });
    const paths = [...files.keys()];
    const text = [
      `${dry ? 'Would rename' : 'Renamed'} ${from} to ${to}.`,
      ...(dry ? paths.map((path) => `  ${path}`) : []),
      ...(left.length === 0 ? [] : ['The old name is still in lines of yours; look whether they mean it:']),
      ...left.map((place) => `  ${place}`),
    ].join('\n');
    return { exitCode: 0, text, data: { from, to, files: paths, left, ...(dry ? { dryRun: true } : {}) } };
  },
};
