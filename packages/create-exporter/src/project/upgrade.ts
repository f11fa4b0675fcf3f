import { join } from 'node:path';
import type { Codemod, Texts } from '../codemods/codemod.ts';
import { codemods } from '../codemods/index.ts';
import { bytesOf, same } from '../disk/disk.ts';
import type { Change } from '../disk/transaction.ts';
import { mergeJson } from '../merge/merge-json.ts';
import { mergeText } from '../merge/merge-text.ts';
import { Refusal } from '../refusal.ts';
import { filesOf, templateNamed } from '../templates/templates.ts';
import type { Project } from '../workspace/members.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { baseFileName, parseBaseFile } from './base-file.ts';
import { bookkeeping, hashOf, textOf } from './bookkeeping.ts';
import { type ExporterFile, exporterFileName } from './exporter-file.ts';
import { renderProject, templateOf } from './render-project.ts';

/** What an upgrade does to a file. */
export type Outcome = 'added' | 'replaced' | 'merged' | 'conflict' | 'removed' | 'kept' | 'left out';

/** What is going to happen to one project. */
export interface Upgrade {
  readonly folder: string;
  /** From the workspace's root. Empty when the project is as its template. */
  readonly changes: ReadonlyMap<string, Change>;
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** What the codemods did, in their words. */
  readonly notes: readonly string[];
}

/**
 * Works out the three-way merge of a project: the templates as they were when it was last rendered, as they are now, and
 * the user's files. Edits are kept, what was deleted stays deleted, what both changed is marked as a conflict.
 *
 * @throws Refusal when the project was written by hand, or its base is gone.
 */
export async function upgradeOf(
  project: Project,
  workspace: Workspace,
  all: readonly Codemod[] = codemods,
): Promise<Upgrade> {
  const { folder } = project;
  const about = current(project.about, workspace);
  const rendered = await renderProject(about, workspace);
  const disk = await filesOf(join(workspace.root, folder));
  const base = await readBase(workspace.root, folder);
  const ours = new Map<string, Uint8Array>([...disk].filter(([path]) => !own.has(path)));
  const notes = mend(project.about, workspace, base, ours, all);

  const outcomes = new Map<string, Outcome>();
  for (const path of new Set([...base.keys(), ...rendered.keys(), ...Object.keys(project.about.files ?? {})])) {
    const { outcome, bytes } = await mergeFile(path, base.get(path), rendered.get(path), ours, project.about);
    if (bytes === undefined) ours.delete(path);
    else ours.set(path, bytes);
    if (outcome !== undefined) outcomes.set(path, outcome);
  }
  for (const [path, bytes] of bookkeeping(about, rendered)) ours.set(path, bytes);

  const changes = new Map<string, Change>();
  for (const path of [...new Set([...disk.keys(), ...ours.keys()])].sort()) {
    const [before, after] = [disk.get(path), ours.get(path)];
    if (!same(before, after)) changes.set(`${folder}/${path}`, { before, after });
  }
  return { folder, changes, outcomes, notes };
}

const own = new Set([exporterFileName, baseFileName]);

/** The project's answers, with the templates' versions of today. */
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

/** The templates as they were. @throws Refusal when nobody knows. */
export async function readBase(root: string, folder: string): Promise<Texts> {
  const bytes = await bytesOf(join(root, folder, baseFileName));
  if (bytes !== undefined) return parseBaseFile(Buffer.from(bytes).toString(), `${folder}/${baseFileName}`);
  throw new Refusal(
    `${folder}/${baseFileName} is gone; without it edits can't be told. Take it back from version control.`,
  );
}

/** Runs the codemods that came after the project was last rendered, over the base and the user's files. */
function mend(
  about: ExporterFile,
  { templates }: Workspace,
  base: Texts,
  ours: Map<string, Uint8Array>,
  all: readonly Codemod[],
): string[] {
  const { template, names } = templateOf(about, templates);
  const due = all
    .filter(({ version }) => version > (about.version ?? 1) && version <= template.version)
    .filter((each) => each.template === template.name)
    .sort((a, b) => a.version - b.version);
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

/** One file's merge: what it becomes, and how that is called when something happened. */
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
  // What is not text can't be marked: the user's stays.
  if (mine === undefined || other === undefined) return { bytes: ours, outcome: 'conflict' };
  const merged = await mergeText(base ?? '', mine, other);
  const byKey = merged.conflicts > 0 && path === 'package.json' ? mergeJson(base ?? '{}', mine, other) : undefined;
  if (byKey !== undefined) return { bytes: new TextEncoder().encode(byKey), outcome: 'merged' };
  return { bytes: new TextEncoder().encode(merged.text), outcome: merged.conflicts > 0 ? 'conflict' : 'merged' };
}
