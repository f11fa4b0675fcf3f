import { resolve } from 'node:path';
import type { Migration } from '../migrate/migration.ts';
import { unifiedDiff } from '../plan/diff.ts';
import { UserError } from '../user-error.ts';
import { refuseDirty } from '../workspace/uncommitted.ts';
import { openWorkspace, type Workspace } from '../workspace/workspace.ts';
import { apply } from './apply.ts';
import { atMost, type Command } from './command.ts';

/** Moves an application's metrics from another library to exporter-kit. */
export const migrate: Command = {
  name: 'migrate',
  summary: 'moves the metrics of an application from prom-client to live instruments',
  usage: 'prom-client [folder] [flags]',
  flags: {
    'dry-run': { type: 'boolean' },
    'allow-dirty': { type: 'boolean' },
  },
  async help() {
    return `Names, help, labels and
buckets stay the same. What cannot be moved safely is not touched and listed; the application then
exposes both. Run it again after you have changed what it lists.

Flags:
  --dry-run        print a unified diff and write nothing
  --allow-dirty    continue although git could not restore the current files`;
  },
  async execute(args, run) {
    const [from, folder = '.'] = args.words;
    if (from !== 'prom-client') {
      const what = from === undefined ? 'missing: prom-client' : `cannot migrate from ${JSON.stringify(from)}`;
      throw new UserError(`${what}; the usage is: migrate prom-client [folder].`, 64);
    }
    atMost(args.words, 2);
    const root = resolve(run.around.cwd, folder);
    // The compiler takes a moment to load; other commands do without it.
    const { migrationOf } = await import('../migrate/migration.ts');
    const around = await openWorkspace(root);
    const kit = around.kind === 'repository' ? 'workspace:*' : around.bundle!.versions['exporter-kit']!;
    const dry = args.has('dry-run');
    const migration = await run.progress(`Reading ${root}`, () => migrationOf(root, kit));
    const { changes } = migration;
    if (!dry && changes.size > 0) {
      const place: Workspace = { kind: 'folder', root, templates: [], shared: [] };
      await apply(place, run, {
        folder: '.',
        installing: false,
        async work() {
          if (!args.has('allow-dirty')) await refuseDirty(place, '.', { files: changes }, []);
          return { changes: { files: changes }, install: [], result: undefined };
        },
      });
    }
    const diff = dry ? unifiedDiff(migration.changes) : '';
    const { moved, staying, blocks, notes, problems } = migration;
    return {
      exitCode: 0,
      text: `${diff === '' ? '' : `${diff}\n`}${summaryOf(migration, dry)}`,
      data: {
        moved,
        staying,
        blocks,
        notes,
        problems,
        changed: [...migration.changes.keys()],
        ...(dry ? { diff } : {}),
      },
    };
  },
};

function summaryOf({ changes, moved, staying, blocks, notes, problems }: Migration, dry: boolean): string {
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
  const head =
    moved.length > 0
      ? `${dry ? 'Would move' : 'Moved'} ${moved.length} ${moved.length === 1 ? 'metric' : 'metrics'} to live instruments:`
      : 'Nothing was moved.';
  const files = [...changes].map(([path, { before }]) => `${before === undefined ? 'new    ' : 'changed'}  ${path}`);
  return [
    head,
    ...moved.map(({ place, name }) => `  ${place}  ${name}`),
    ...section('Files:', files),
    ...section('Nothing is moved as long as there is:', blocks),
    ...section(
      'These stay with prom-client, until you change them by hand:',
      staying.map(({ place, name, why }) => `${place}  ${name}: ${why}`),
    ),
    ...section('To look at:', notes),
    ...section('Left out for their syntax errors:', problems),
    ...(changes.has('package.json') && !dry ? ['Next: install exporter-kit (npm install), and run your tests.'] : []),
  ].join('\n');
}
