import { join } from 'node:path';
import { same } from '../disk/disk.ts';
import type { Change } from '../disk/transaction.ts';
import { mergeJson } from '../merge/json.ts';
import { mergeText } from '../merge/text.ts';
import type { Spellings } from '../names/names.ts';
import { baseFileName, readBase } from '../project/base-file.ts';
import { bookkeeping, endedBytes, hashOf, plainBytes, textOf } from '../project/bookkeeping.ts';
import { type ExporterFile, exporterFileName } from '../project/exporter-file.ts';
import { ownPaths, readSource } from '../project/own-files.ts';
import { templateNamed } from '../templates/templates.ts';
import type { Project } from '../workspace/members.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Codemod, Texts } from './codemods.ts';
import { codemods } from './codemods.ts';
import { renderProject, templateOf } from './render.ts';

/** What an upgrade does to a file. */
export type Outcome = 'added' | 'replaced' | 'merged' | 'conflict' | 'removed' | 'kept' | 'left out';

/** The planned upgrade of one project. */
export interface Upgrade {
  readonly folder: string;
  /** From the workspace's root. Empty if the project matches its template. */
  readonly changes: ReadonlyMap<string, Change>;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** The summaries of the codemods that ran. */
  readonly notes: readonly string[];
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
  const rendered = await renderProject(about, workspace);
  const base = await readBase(workspace.root, folder);
  const due = dueOf(project.about, workspace, all);
  const directory = join(workspace.root, folder);
  const named = [...base.keys(), ...rendered.keys(), ...Object.keys(project.about.files ?? {}), ...own];
  // Codemods read the user's files as well.
  const disk = await sources(directory, due.length === 0 ? named : [...named, ...(await ownPaths(directory))]);
  const ours = new Map([...disk].filter(([path]) => !own.has(path)).map(([path, bytes]) => [path, plainBytes(bytes)]));
  const notes = mend(due, templateOf(project.about, workspace.templates).names, base, ours);

  const outcomes = new Map<string, Outcome>();
  for (const path of new Set([...base.keys(), ...rendered.keys(), ...Object.keys(project.about.files ?? {})])) {
    const { outcome, bytes } = await mergeFile(path, base.get(path), rendered.get(path), ours, project.about);
    if (bytes === undefined) ours.delete(path);
    else ours.set(path, bytes);
    if (outcome !== undefined) outcomes.set(path, outcome);
  }
  for (const [path, bytes] of bookkeeping(about, rendered)) ours.set(path, bytes);

  const changes = new Map<string, Change>();
  const model = usual(disk);
  for (const path of [...new Set([...disk.keys(), ...ours.keys()])].sort()) {
    const [before, merged] = [disk.get(path), ours.get(path)];
    if (same(before && plainBytes(before), merged)) continue;
    changes.set(`${folder}/${path}`, { before, after: merged && endedBytes(merged, before ?? model) });
  }
  return { folder, changes, outcomes, notes };
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

/** The codemods added since the project was last rendered. */
function dueOf(about: ExporterFile, { templates }: Workspace, all: readonly Codemod[]): Codemod[] {
  const { template } = templateOf(about, templates);
  return all
    .filter(({ version }) => version > (about.version ?? 1) && version <= template.version)
    .filter((each) => each.template === template.name)
    .sort((a, b) => a.version - b.version);
}

/** Runs codemods over the base and the user's files. */
function mend(due: readonly Codemod[], names: Spellings, base: Texts, ours: Map<string, Uint8Array>): string[] {
  if (due.length === 0) return [];
  const texts: Texts = new Map();
  for (const [path, bytes] of ours) {
    const text = textOf(bytes);
    if (text !== undefined) texts.set(path, text);
  }
  const before = [...texts.keys()];
  for (const codemod of due) for (const files of [base, texts]) codemod.apply(files, names);
  for (const path of before) if (!texts.has(path)) ours.delete(path);
  for (const [path, text] of texts) ours.set(path, new TextEncoder().encode(text));
  return due.map(({ summary }) => summary);
}

/** One file's merge: its content, and the outcome if anything changed. */
async function mergeFile(
  path: string,
  base: string | undefined,
  theirs: Uint8Array | undefined,
  all: ReadonlyMap<string, Uint8Array>,
  { files }: ExporterFile,
): Promise<{ bytes: Uint8Array | undefined; outcome?: Outcome }> {
  const ours = all.get(path);
  const was = base === undefined ? undefined : new TextEncoder().encode(base);
  const known = was !== undefined || files?.[path] !== undefined;
  const unedited = was === undefined ? ours !== undefined && hashOf(ours) === files?.[path] : same(ours, was);
  if (theirs === undefined) {
    if (ours === undefined) return { bytes: undefined };
    if (!known) return { bytes: ours };
    return unedited ? { bytes: undefined, outcome: 'removed' } : { bytes: ours, outcome: 'kept' };
  }
  if (was === undefined ? hashOf(theirs) === files?.[path] : same(was, theirs)) return { bytes: ours };
  if (ours === undefined)
    return known ? { bytes: undefined, outcome: 'left out' } : { bytes: theirs, outcome: 'added' };
  if (same(ours, theirs)) return { bytes: ours };
  if (known && unedited) return { bytes: theirs, outcome: 'replaced' };
  const [mine, other] = [textOf(ours), textOf(theirs)];
  // Binary files can't be marked: the user's stays.
  if (mine === undefined || other === undefined) return { bytes: ours, outcome: 'conflict' };
  const merged = await mergeText(base ?? '', mine, other);
  const byKey = merged.conflicts > 0 && path === 'package.json' ? mergeJson(base ?? '{}', mine, other) : undefined;
  if (byKey !== undefined) return { bytes: new TextEncoder().encode(byKey), outcome: 'merged' };
  return { bytes: new TextEncoder().encode(merged.text), outcome: merged.conflicts > 0 ? 'conflict' : 'merged' };
}
