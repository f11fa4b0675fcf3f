import { access, constants, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bytesOf, whatIs } from '../disk/disk.ts';
import type { Change } from '../disk/transaction.ts';
import { submodulesIn } from '../git.ts';
import { endedLike, plain } from '../merge/line-ends.ts';
import { mergeLines } from '../merge/text.ts';
import { spellings } from '../names/names.ts';
import { renamer, vocabulary } from '../names/rename.ts';
import { baseFileName, readBase } from '../project/base-file.ts';
import { bookkeeping, laidOutBytes, textOf } from '../project/bookkeeping.ts';
import { type ExporterFile, exporterFileName } from '../project/exporter-file.ts';
import { ownPaths, readSource } from '../project/own-files.ts';
import { isView } from '../project/views.ts';
import { UserError } from '../user-error.ts';
import { refuseCollisions } from '../workspace/collisions.ts';
import { inventory } from '../workspace/inventory.ts';
import type { Project } from '../workspace/members.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { rangesOf } from './additions.ts';
import { renderProject, templateOf } from './render.ts';
import { upgradeOf } from './upgrade.ts';

/** A planned rename. */
export interface RenamePlan {
  readonly from: string;
  readonly to: string;
  /** New path to old, where they differ; inside the folder's old place, from the workspace's root. */
  readonly moves: ReadonlyMap<string, string>;
  /** What is written, likewise. */
  readonly files: ReadonlyMap<string, Change>;
  /** Places in the user's own lines that still hold the old name: `file:line`; and files that could not be read. */
  readonly left: readonly string[];
  /** Repositories in it that the outer one records, relative to its folder. */
  readonly submodules: readonly string[];
  /** Whether it has views, which must be written again. */
  readonly isStale: boolean;
}

/**
 * Plans a rename. The folder moves as a whole. In the project's own files, lines of the template are rendered again; lines
 * of the user stay, but words that the template derived from the old name become those derived from the new one. A name of
 * several words is replaced everywhere; a single word might mean anything there (a label called `queue`), so it stays and
 * is reported.
 *
 * @throws UserError if the project is behind its template, or the new name is taken.
 */
export async function renameOf(
  project: Project,
  name: string,
  title: string | undefined,
  workspace: Workspace,
): Promise<RenamePlan> {
  const { folder, about } = project;
  const old = templateOf(about, workspace.templates);
  if ((await upgradeOf(project, workspace)).changes.size > 0) {
    throw new UserError(`${folder} is behind its template; upgrade it and commit first.`);
  }
  const next: ExporterFile = {
    ...about,
    name,
    answers: { ...about.answers, name, title: title ?? spellings(name).title },
  };
  const fresh = templateOf(next, workspace.templates);
  const packageName = fresh.rename(old.template.packageName);
  const stays = workspace.kind === 'folder' && !(await isWritable(workspace.root));
  const to = stays ? folder : join(dirname(folder), packageName).replaceAll('\\', '/');
  if (!stays && (await whatIs(join(workspace.root, to))) !== undefined)
    throw new UserError(`${to} exists; choose another name.`);
  refuseCollisions({ packageName, namespace: fresh.names.snake, shapes: [] }, await inventory(workspace, [folder]));

  const sources = [...(await old.template.files())];
  const paths = new Map(sources.map(([path]) => [old.rename(path), fresh.rename(path)]));
  const say = old.names.kebab.includes('-')
    ? renamer(old.names, fresh.names)
    : vocabulary(
        sources.map(([, bytes]) => textOf(bytes) ?? ''),
        old.rename,
        fresh.rename,
        old.names,
      );

  const directory = join(workspace.root, folder);
  const base = await readBase(workspace.root, folder);
  const rendered = await renderProject(next, workspace, rangesOf(project.manifest, base.get('package.json')));
  const wholly = renamer(old.names, fresh.names);
  let isStale = false;
  const files = new Map<string, Change>();
  const moves = new Map<string, string>();
  const submodules = await submodulesIn(directory);
  const left = submodules.map((path) => `${to}/${path}: a submodule; .gitmodules still has its old path`);
  for (const path of new Set([...(await ownPaths(directory)), ...base.keys()])) {
    const kind = await whatIs(join(directory, path));
    if (path === exporterFileName || path === baseFileName || (kind !== 'file' && kind !== 'link')) continue;
    const target = paths.get(path) ?? say(path);
    if (target !== path) {
      if (moves.has(`${folder}/${target}`))
        throw new UserError(`two files would become ${to}/${target}; rename one of them first.`);
      moves.set(`${folder}/${target}`, `${folder}/${path}`);
    }
    if (kind === 'link') {
      const aim = await readlink(join(directory, path));
      if (aim.includes(old.names.kebab)) left.push(`${to}/${target}: link to ${aim}`);
      continue;
    }
    const before = await readSource(join(directory, path));
    const text = before && textOf(before);
    if (before === undefined || text === undefined) {
      if (before === undefined) left.push(`${to}/${target}: too large to be looked at`);
      else if (Buffer.from(before).includes(old.names.kebab)) left.push(`${to}/${target}: not UTF-8`);
      continue;
    }
    const [was, made] = [base.get(path), textOf(rendered.get(target) ?? new Uint8Array()) ?? ''];
    let renamed: string;
    if (isView(path)) {
      // Generated, so that all of it is the program's own; what depends on names in other ways must be written again.
      isStale = true;
      renamed = wholly(text);
      if (renamed !== text) files.set(`${folder}/${target}`, { before, after: new TextEncoder().encode(renamed) });
      continue;
    }
    if (was === undefined) renamed = say(text);
    else if (plain(text) === was) renamed = rendered.has(target) ? endedLike(made, text) : text;
    else renamed = endedLike(mergeLines(say(was), say(plain(text)), made, true).text, say(text));
    if (renamed !== text) files.set(`${folder}/${target}`, { before, after: new TextEncoder().encode(renamed) });
    if (was !== undefined && plain(text) === was) continue;
    const lines = mentions(plain(renamed), old.names.kebab, old.names.snake, new Set(made.split('\n')));
    left.push(...lines.map((line) => `${to}/${target}:${line}`));
  }
  for (const [path, after] of bookkeeping(next, rendered)) {
    const before = await bytesOf(join(directory, path));
    files.set(`${folder}/${path}`, { before, after: laidOutBytes(path, after, before) });
  }
  return { from: folder, to, moves, files, left, submodules, isStale };
}

/** Whether entries of a folder can be moved; a standalone project's parent folder may belong to others. */
const isWritable = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );

/** The numbers of lines that hold one of two words, except for the template's own lines. */
function mentions(text: string, kebab: string, snake: string, templates: ReadonlySet<string>): number[] {
  const word = new RegExp(`(?<![A-Za-z0-9])(${kebab}|${snake})(?![A-Za-z0-9])`);
  return text.split('\n').flatMap((line, i) => (word.test(line) && !templates.has(line) ? [i + 1] : []));
}
