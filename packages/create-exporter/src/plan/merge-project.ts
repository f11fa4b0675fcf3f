import { same } from '../disk/disk.ts';
import { mergeJson } from '../merge/json.ts';
import { mergeText } from '../merge/text.ts';
import type { Spellings } from '../names/names.ts';
import { hashOf, textOf } from '../project/bookkeeping.ts';
import type { ExporterFile } from '../project/exporter-file.ts';
import type { Codemod, Texts, Together } from './codemod.ts';

/** What an upgrade does to a file. */
export type Outcome = 'added' | 'replaced' | 'merged' | 'conflict' | 'removed' | 'kept' | 'left out';

/** What a project is merged from. */
export interface Sides {
  readonly base: Texts;
  readonly ours: ReadonlyMap<string, Uint8Array>;
  readonly theirs: ReadonlyMap<string, Uint8Array>;
  readonly about: ExporterFile;
  readonly names: Spellings;
}

export interface Merge {
  readonly ours: Map<string, Uint8Array>;
  readonly outcomes: Map<string, Outcome>;
}

/** Runs codemods, and merges all files but those of the codemods that are left out. */
export async function mergeAll(due: readonly Codemod[], left: readonly Codemod[], sides: Sides): Promise<Merge> {
  const { theirs, about, names } = sides;
  const [base, ours] = [new Map(sides.base), new Map(sides.ours)];
  mend(due, names, base, ours);
  const stay = new Set(left.flatMap(({ together }) => together?.paths(names) ?? []));
  const outcomes = new Map<string, Outcome>();
  for (const path of new Set([...base.keys(), ...theirs.keys(), ...Object.keys(about.files ?? {})])) {
    if (stay.has(path)) {
      if (ours.has(path) && !same(ours.get(path), theirs.get(path))) outcomes.set(path, 'kept');
      continue;
    }
    const { outcome, bytes } = await mergeFile(path, base.get(path), theirs.get(path), ours, about);
    if (bytes === undefined) ours.delete(path);
    else ours.set(path, bytes);
    if (outcome !== undefined) outcomes.set(path, outcome);
  }
  return { ours, outcomes };
}

/** Whether files that change together did so, leaving nothing to decide. A conflict in prose is none of the code. */
export function arrived({ paths, complete }: Together, { ours, outcomes }: Merge, names: Spellings): boolean {
  const undecided = paths(names).some(
    (path) => !path.endsWith('.md') && ['conflict', 'kept'].includes(outcomes.get(path) ?? ''),
  );
  return !undecided && complete(textsOf(ours), names);
}

function textsOf(files: ReadonlyMap<string, Uint8Array>): Texts {
  const texts: Texts = new Map();
  for (const [path, bytes] of files) {
    const text = textOf(bytes);
    if (text !== undefined) texts.set(path, text);
  }
  return texts;
}

/** Runs codemods over the base and the user's files. */
function mend(due: readonly Codemod[], names: Spellings, base: Texts, ours: Map<string, Uint8Array>): void {
  if (due.length === 0) return;
  const texts = textsOf(ours);
  const before = [...texts.keys()];
  for (const codemod of due) for (const files of [base, texts]) codemod.apply(files, names);
  for (const path of before) if (!texts.has(path)) ours.delete(path);
  for (const [path, text] of texts) ours.set(path, new TextEncoder().encode(text));
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
