import { join } from 'node:path';
import { same } from '../disk/disk.ts';
import type { Change } from '../disk/transaction.ts';
import { type Spellings, spellings } from '../names/names.ts';
import { baseFileName, readBase } from '../project/base-file.ts';
import { bookkeeping, endedBytes, laidOutBytes, plainBytes, textOf } from '../project/bookkeeping.ts';
import { type ExporterFile, exporterFileName } from '../project/exporter-file.ts';
import { ownPaths, readSource } from '../project/own-files.ts';
import { isView } from '../project/views.ts';
import { templateNamed } from '../templates/templates.ts';
import type { Project } from '../workspace/members.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { rangesOf } from './additions.ts';
import type { Codemod } from './codemod.ts';
import { codemods } from './codemods.ts';
import { arrived, mergeAll, type Outcome } from './merge-project.ts';
import { renderProject, templateOf } from './render.ts';

/** The planned upgrade of one project. */
export interface Upgrade {
  readonly folder: string;
  /** From the workspace's root. Empty if the project matches its template. */
  readonly changes: ReadonlyMap<string, Change>;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** The summaries of the codemods that ran. */
  readonly notes: readonly string[];
  /** What the user has to do, where codemods could not follow edits. */
  readonly byHand: readonly string[];
  /** Whether it has views, which another version may write in another way. */
  readonly hasViews: boolean;
}

/**
 * Plans the three-way merge of a project: the templates when it was last rendered, the templates now, and the user's files.
 * Edits are kept, deleted files stay deleted, and what both changed is marked as a conflict.
 *
 * @throws UserError if the project was written by hand, or its base is missing.
 */
export async function upgradeOf(
  project: Project,
  workspace: Workspace,
  all: readonly Codemod[] = codemods,
): Promise<Upgrade> {
  const { folder } = project;
  const about = current(project.about, workspace);
  const base = await readBase(workspace.root, folder);
  const rendered = await renderProject(about, workspace, rangesOf(project.manifest, base.get('package.json')));
  const due = dueOf(project.about, workspace, all);
  const directory = join(workspace.root, folder);
  const named = [...base.keys(), ...rendered.keys(), ...Object.keys(project.about.files ?? {}), ...own];
  // Codemods read the user's files as well.
  const disk = await sources(directory, due.length === 0 ? named : [...named, ...(await ownPaths(directory))]);
  const { names } = templateOf(project.about, workspace.templates);
  const sides = {
    base,
    ours: new Map([...disk].filter(([path]) => !own.has(path)).map(([path, bytes]) => [path, plainBytes(bytes)])),
    theirs: rendered,
    about: project.about,
    names,
  };
  const first = await mergeAll(due, [], sides);
  const left = due.filter(({ together }) => together !== undefined && !arrived(together, first, names));
  const done = due.filter((each) => !left.includes(each));
  const { ours, outcomes } = left.length === 0 ? first : await mergeAll(done, left, sides);
  for (const [path, bytes] of bookkeeping(about, rendered))
    ours.set(path, plainBytes(laidOutBytes(path, bytes, disk.get(path))));

  const changes = new Map<string, Change>();
  const model = usual(disk);
  for (const path of [...new Set([...disk.keys(), ...ours.keys()])].sort()) {
    const [before, merged] = [disk.get(path), ours.get(path)];
    if (same(before && plainBytes(before), merged)) continue;
    changes.set(`${folder}/${path}`, { before, after: merged && endedBytes(merged, before ?? model) });
  }
  return {
    folder,
    changes,
    outcomes,
    notes: done.map(({ summary }) => summary),
    byHand: left.map(({ together }) => together!.byHand(names)),
    hasViews: (await ownPaths(directory)).some(isView),
  };
}

/** The sources among some paths. */
async function sources(directory: string, paths: readonly string[]): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const path of new Set(paths)) {
    const bytes = await readSource(join(directory, path));
    if (bytes !== undefined) found.set(path, bytes);
  }
  return found;
}

/** A file whose line ends new files take over: any, if all have the same. */
function usual(disk: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
  const texts = [...disk.values()].filter((bytes) => textOf(bytes)?.includes('\n'));
  return texts.every((bytes) => textOf(bytes)?.includes('\r\n')) ? texts[0] : undefined;
}

const own = new Set([exporterFileName, baseFileName]);

/** The project's answers, with today's template versions. */
function current(about: ExporterFile, { templates }: Workspace): ExporterFile {
  const { template } = templateOf(about, templates);
  const additions = Object.entries(about.additions ?? {}).map(([name, addition]) => {
    if (addition.template === undefined) return [name, addition] as const;
    return [name, { ...addition, version: templateNamed(addition.template, templates).version }] as const;
  });
  return {
    ...about,
    version: template.version,
    ...(additions.length === 0 ? {} : { additions: Object.fromEntries(additions) }),
  };
}

/** The codemods added since the project was last rendered, and those of what was added to it. */
function dueOf(about: ExporterFile, { templates }: Workspace, all: readonly Codemod[]): Codemod[] {
  const { template } = templateOf(about, templates);
  const since = (name: string, version = 1, current = version): Codemod[] =>
    all
      .filter((each) => each.template === name && each.version > version && each.version <= current)
      .sort((a, b) => a.version - b.version);
  const added = Object.entries(about.additions ?? {}).flatMap(([name, addition]) => {
    if (addition.template === undefined) return [];
    const { version } = templateNamed(addition.template, templates);
    return since(addition.template, addition.version, version).map((each) => under(name, spellings(name), each));
  });
  return [...since(template.name, about.version, template.version), ...added];
}

/** A codemod of an addition, which has a name of its own. */
const under = (name: string, names: Spellings, { apply, together, ...codemod }: Codemod): Codemod => ({
  ...codemod,
  summary: `${name} ${codemod.summary}`,
  apply: (files) => apply(files, names),
  ...(together === undefined
    ? {}
    : {
        together: {
          paths: () => together.paths(names),
          complete: (files) => together.complete(files, names),
          byHand: () => together.byHand(names),
        },
      }),
});
