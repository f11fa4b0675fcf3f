import { join } from 'node:path';
import { bytesOf } from '../disk/disk.ts';
import { plain } from '../merge/line-ends.ts';
import { labels } from '../merge/text.ts';
import { baseFileName, readBase } from '../project/base-file.ts';
import { hashOf } from '../project/bookkeeping.ts';
import { ownPaths, readSource } from '../project/own-files.ts';
import { UserError } from '../user-error.ts';
import { type Inventory, inventory, type Owners } from '../workspace/inventory.ts';
import { isProject, type Project } from '../workspace/members.ts';
import { difference, goldenShapes } from '../workspace/metric-shapes.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { upgradeOf } from './upgrade.ts';
import { viewsDrift } from './views-drift.ts';

/** A problem found by `doctor`. */
export interface Finding {
  readonly kind: 'drift' | 'stale' | 'port' | 'name' | 'metric' | 'tests' | 'docs';
  readonly project: string;
  readonly problem: string;
}

/** All problems of a workspace's projects. */
export async function findingsIn(workspace: Workspace): Promise<Finding[]> {
  const used = await inventory(workspace);
  const found = [...twice(used), ...differing(used)];
  for (const project of used.members.filter(isProject)) {
    found.push(...(await coverage(project, workspace.root)));
    if (project.about.template !== null) found.push(...(await drift(project, workspace)));
    found.push(...(await unlocked(project, workspace)));
    const { folder, manifest } = project;
    for (const problem of await viewsDrift(join(workspace.root, folder), manifest.scripts?.views))
      found.push({ kind: 'drift', project: folder, problem });
  }
  return found.sort((a, b) => (a.project < b.project ? -1 : a.project > b.project ? 1 : 0));
}

/** What two projects share although it must be unique. */
function twice(used: Inventory): Finding[] {
  const find = (kind: Finding['kind'], what: string, all: Owners<string | number>): Finding[] =>
    [...all]
      .map(([thing, folders]) => [thing, folders.filter((folder) => !folder.startsWith('templates/'))] as const)
      .filter(([, folders]) => folders.length > 1)
      .map(([thing, folders]) => ({
        kind,
        project: folders[0]!,
        problem: `${what} ${thing} is also used by ${folders.slice(1).join(', ')}`,
      }));
  const named = new Map<string, string[]>();
  for (const { folder, about } of used.members) {
    const namespace = about?.namespace ?? about?.name?.replaceAll('-', '_');
    if (namespace !== undefined) named.set(namespace, [...(named.get(namespace) ?? []), folder]);
  }
  return [
    ...find('port', 'port', used.ports),
    ...find('name', 'package', used.packages),
    ...find('name', 'image', used.images),
    ...find('name', 'metric namespace', named),
  ];
}

/** Metrics of one name and two shapes. */
function differing({ metrics }: Inventory): Finding[] {
  return [...metrics].flatMap(([name, [first, ...others]]) =>
    others.flatMap(({ folder, shape }) => {
      const differs = difference(first!.shape, shape);
      if (differs === undefined) return [];
      return [{ kind: 'metric' as const, project: first!.folder, problem: `${name} differs in ${folder}: ${differs}` }];
    }),
  );
}

async function drift(project: Project, workspace: Workspace): Promise<Finding[]> {
  const { folder, about } = project;
  const finding = (kind: Finding['kind'], problem: string): Finding => ({ kind, project: folder, problem });
  try {
    const base = await readBase(workspace.root, folder);
    const torn = [...base].find(([path, text]) => hashOf(new TextEncoder().encode(text)) !== about.files?.[path]);
    if (torn !== undefined) return [finding('drift', `${torn[0]} differs between ${baseFileName} and .exporter.json`)];
    const { changes } = await upgradeOf(project, workspace);
    const found = changes.size === 0 ? [] : [finding('stale', `is behind its template; run: upgrade ${folder}`)];
    for (const path of await ownPaths(join(workspace.root, folder))) {
      const bytes = await readSource(join(workspace.root, folder, path));
      if (bytes === undefined || !Buffer.from(bytes).includes(`<<<<<<< ${labels.ours}`)) continue;
      if (path !== baseFileName) found.push(finding('drift', `${path} has an unresolved conflict`));
    }
    return found;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [finding('drift', error.message)];
  }
}

/** Whether it has tests, a golden exposition, and documentation of each metric. */
async function coverage({ folder }: Project, root: string): Promise<Finding[]> {
  const paths = await ownPaths(join(root, folder));
  const found: Finding[] = [];
  const missing = (kind: Finding['kind'], problem: string): unknown => found.push({ kind, project: folder, problem });
  if (!paths.some((path) => /\.test\.[cm]?[jt]s$/.test(path))) missing('tests', 'has no test');
  const texts: string[] = [];
  for (const path of paths.filter((each) => /^(README|docs\/.*)\.md$/.test(each))) {
    texts.push(String(Buffer.from((await readSource(join(root, folder, path))) ?? '')));
  }
  if (!paths.includes('README.md')) return [...found, { kind: 'docs', project: folder, problem: 'has no README.md' }];
  const shapes = await goldenShapes(join(root, folder));
  const silent = shapes.map(({ name }) => name).filter((name) => !texts.some((text) => text.includes(name)));
  if (silent.length > 0) missing('docs', `does not document ${silent.join(', ')} in README.md or docs/`);
  return found;
}

/** Whether it is in the workspace's lockfile. */
async function unlocked({ folder }: Project, { kind, root }: Workspace): Promise<Finding[]> {
  const lockfile = kind === 'repository' ? await bytesOf(join(root, 'pnpm-lock.yaml')) : undefined;
  if (lockfile === undefined || plain(Buffer.from(lockfile).toString()).includes(`\n  ${folder}:\n`)) return [];
  return [{ kind: 'drift', project: folder, problem: 'is not in pnpm-lock.yaml; run: pnpm install' }];
}
