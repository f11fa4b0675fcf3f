import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { whatIs } from '../disk/disk.ts';
import type { Change } from '../disk/transaction.ts';
import { mergeLines } from '../merge/merge-lines.ts';
import { spellings } from '../names/names.ts';
import { renamer } from '../names/rename.ts';
import { vocabulary } from '../names/vocabulary.ts';
import { Refusal } from '../refusal.ts';
import { filesOf } from '../templates/templates.ts';
import { refuseCollisions } from '../workspace/collisions.ts';
import { inventory } from '../workspace/inventory.ts';
import type { Project } from '../workspace/members.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { baseFileName } from './base-file.ts';
import { bookkeeping, textOf } from './bookkeeping.ts';
import { type ExporterFile, exporterFileName } from './exporter-file.ts';
import { renderProject, templateOf } from './render-project.ts';
import { readBase, upgradeOf } from './upgrade.ts';

/** How a project gets another name. */
export interface RenamePlan {
  readonly from: string;
  readonly to: string;
  /** From the workspace's root. */
  readonly files: ReadonlyMap<string, Change>;
  /** Places in the user's own lines that still say the old name: `file:line`. */
  readonly left: readonly string[];
}

/**
 * Works out a rename. What the template wrote is rendered anew; lines that the user wrote stay, with each word the template
 * made of the old name replaced by what it makes of the new one. A name of several words is replaced wherever it stands; a
 * single word might be anything there (a label called `queue`), so it is left alone and reported.
 *
 * @throws Refusal when the project is behind its template, or the new name is taken.
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
    throw new Refusal(`${folder} is behind its template; upgrade it first, and commit that.`);
  }
  const next: ExporterFile = {
    ...about,
    name,
    answers: { ...about.answers, name, title: title ?? spellings(name).title },
  };
  const fresh = templateOf(next, workspace.templates);
  const packageName = fresh.rename(old.template.packageName);
  const to = join(dirname(folder), packageName).replaceAll('\\', '/');
  if ((await whatIs(join(workspace.root, to))) !== undefined) throw new Refusal(`${to} exists; choose another name.`);
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

  const base = await readBase(workspace.root, folder);
  const rendered = await renderProject(next, workspace);
  const files = new Map<string, Change>();
  const left: string[] = [];
  for (const [path, bytes] of await filesOf(join(workspace.root, folder))) {
    if (path === exporterFileName || path === baseFileName) continue;
    const target = paths.get(path) ?? say(path);
    const [text, was, made] = [textOf(bytes), base.get(path), textOf(rendered.get(target) ?? new Uint8Array())];
    let after = bytes;
    if (text !== undefined && was !== undefined && text === was) after = rendered.get(target) ?? bytes;
    else if (text !== undefined) {
      const renamed = was === undefined ? say(text) : mergeLines(say(was), say(text), made ?? '', true).text;
      after = new TextEncoder().encode(renamed);
      left.push(
        ...mentions(renamed, old.names.kebab, old.names.snake, new Set(made?.split('\n'))).map(
          (line) => `${to}/${target}:${line}`,
        ),
      );
    }
    const { mode } = await stat(join(workspace.root, folder, path));
    files.set(`${to}/${target}`, { after, mode: mode & 0o777 });
  }
  for (const [path, after] of bookkeeping(next, rendered)) files.set(`${to}/${path}`, { after });
  return { from: folder, to, files, left };
}

/** The numbers of lines that hold one of two words, but for lines that the template wrote. */
function mentions(text: string, kebab: string, snake: string, templates: ReadonlySet<string>): number[] {
  const word = new RegExp(`(?<![A-Za-z0-9])(${kebab}|${snake})(?![A-Za-z0-9])`);
  return text.split('\n').flatMap((line, i) => (word.test(line) && !templates.has(line) ? [i + 1] : []));
}
