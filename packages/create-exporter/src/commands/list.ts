import { projectTemplates } from '../templates/templates.ts';
import { inventory } from '../workspace/inventory.ts';
import { isProject } from '../workspace/members.ts';
import { useOf } from '../workspace/shared.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { atMost, type Command } from './command.ts';

/** Lists projects, shared collectors and templates. */
export const list: Command = {
  name: 'list',
  summary: 'lists projects and shared collectors with owners, metrics and ports, and templates',
  usage: '[flags]',
  flags: {},
  help: async () => 'Metrics are read from golden expositions.\n\nFlags:',
  async execute(args, { around }) {
    atMost(args.words, 0);
    const workspace = await openWorkspace(around.cwd);
    const used = await inventory(workspace);
    const projects = used.members.filter(isProject).map(({ folder, manifest, about }) => ({
      project: folder,
      package: manifest.name,
      template: about.template === null ? 'by hand' : `${about.template}@${about.version ?? 1}`,
      owner: about.owner,
      port: about.port,
      additions: Object.keys(about.additions ?? {}),
      metrics: metricsOf(folder),
    }));
    const collectors = workspace.shared.map(({ collectors: entry, ...shared }) => ({
      ...shared,
      entry,
      usedBy: used.members
        .filter(({ manifest }) => shared.name in { ...manifest.dependencies, ...manifest.devDependencies })
        .map(({ folder }) => folder),
    }));
    const templates = projectTemplates(workspace.templates).map(({ name, version, summary }) => ({
      name,
      version,
      summary,
      usedBy: used.members.filter(({ about }) => about?.template === name).map(({ folder }) => folder),
    }));
    function metricsOf(folder: string): string[] {
      return [...used.metrics].filter(([, all]) => all.some((each) => each.folder === folder)).map(([name]) => name);
    }
    const text = [
      'Projects',
      table(
        ['folder', 'template', 'owner', 'port', 'metrics', 'added'],
        projects.map((each) => [
          each.project,
          each.template,
          each.owner ?? '-',
          String(each.port ?? '-'),
          String(each.metrics.length),
          each.additions.join(', ') || '-',
        ]),
      ),
      '',
      'Shared collectors',
      table(
        ['package', 'entry', 'version', 'owner', 'stability', 'metrics', 'used by'],
        collectors.map((each) => [
          each.name,
          useOf(each.entry),
          `${each.version}, ${each.from}`,
          each.owner ?? '-',
          each.stability ?? '-',
          String(each.metrics.length),
          each.usedBy.join(', ') || '-',
        ]),
      ),
      '',
      'Templates',
      table(
        ['name', 'version', 'projects', 'makes'],
        templates.map((each) => [each.name, String(each.version), String(each.usedBy.length), each.summary]),
      ),
    ].join('\n');
    return { exitCode: 0, text, data: { projects, collectors, templates } };
  },
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '  none';
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows]
    .map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd())
    .join('\n');
}
