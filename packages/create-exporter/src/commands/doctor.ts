import { findingsIn } from '../plan/findings.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { atMost, type Command } from './command.ts';

/** Finds problems in all projects. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'finds drift, stale templates, duplicates, missing tests and docs',
  usage: '[flags]',
  flags: {},
  help: async () => 'Exits with 2 if it finds something.\n\nFlags:',
  async execute(args, { around, progress }) {
    atMost(args.words, 0);
    const workspace = await openWorkspace(around.cwd);
    const findings = await progress('Looking', () => findingsIn(workspace));
    const lines = findings.map(({ kind, project, problem }) => `${project}: ${kind}: ${problem}`);
    return {
      exitCode: findings.length === 0 ? 0 : 2,
      text: lines.join('\n') || 'No problems found.',
      data: { findings },
    };
  },
};
