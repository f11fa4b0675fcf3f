import { placeholder, spellings } from '../names/names.ts';
import type { Rename } from '../names/rename.ts';
import { renamer } from '../names/rename.ts';
import type { ExporterFile } from '../project/exporter-file.ts';
import { standAlone } from '../templates/standalone.ts';
import { pairedFolder, standaloneFolder, type Template, templateNamed } from '../templates/templates.ts';
import { UserError } from '../user-error.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { type Ranges, wiring, withPackages } from './additions.ts';
import { formatted } from './format.ts';

/**
 * All files of a project under today's templates: a function of its `.exporter.json`, so that an upgrade can repeat it. Sorted by path; without `.exporter.json` itself.
 *
 * @param kept version ranges that the project has already.
 * @throws UserError if a template is unknown, two files have the same path, or the result is invalid.
 */
export async function renderProject(
  about: ExporterFile,
  workspace: Workspace,
  kept: Ranges = {},
): Promise<Map<string, Uint8Array>> {
  const { template, names, rename } = templateOf(about, workspace.templates);
  const sources = paired(await template.files(), template, about.answers?.collectors !== undefined);
  let files = render(deployed(sources, template, String(about.answers?.deploy ?? 'all')), rename);
  if (workspace.bundle !== undefined) {
    const kit = about.answers?.kit;
    const packageName = rename(template.packageName);
    files = standAlone(files, packageName, workspace.bundle, kit === undefined ? undefined : String(kit));
  } else {
    for (const path of files.keys()) if (path.startsWith(standaloneFolder)) files.delete(path);
  }
  for (const [name, addition] of Object.entries(about.additions ?? {})) {
    if (addition.template === undefined) continue;
    const piece = templateNamed(addition.template, workspace.templates);
    for (const [path, bytes] of await renderPiece(piece, name, names.snake, addition.title)) {
      if (files.has(path)) throw new UserError(`${path} already exists; choose another name than ${name}.`);
      files.set(path, bytes);
    }
  }
  for (const [path, bytes] of withPackages(files, about, workspace, kept)) files.set(path, bytes);
  for (const [path, text] of wiring(about, template, workspace)) files.set(path, new TextEncoder().encode(text));
  const sorted = [...(await formatted(files, workspace.root))].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted);
}

/** A project's template, and its renaming function. */
export function templateOf(about: ExporterFile, templates: readonly Template[]) {
  if (typeof about.template !== 'string' || about.name === undefined) {
    throw new UserError('this project was not made from a template.');
  }
  const template = templateNamed(about.template, templates);
  const names = spellings(about.name, about.answers?.title === undefined ? undefined : String(about.answers.title));
  const tokens = template.port === undefined ? {} : { [String(template.port)]: String(about.port) };
  return { template, names, rename: renamer(spellings(placeholder), names, tokens) };
}

/** The files of an addition, under its name; its metrics are in the project's namespace. */
export async function renderPiece(
  piece: Template,
  name: string,
  namespace: string,
  title?: string,
): Promise<Map<string, Uint8Array>> {
  const wanted = new Map([...(await piece.files())].filter(([path]) => piece.adds?.files.includes(path)));
  const names = spellings(name, title);
  const tokens = { [`${spellings(placeholder).snake}_`]: `${namespace}_${names.snake}_` };
  return render(wanted, renamer(spellings(placeholder), names, tokens));
}

/** A template's files for a project with collectors of its own, or with those of a shared package. */
function paired(
  files: ReadonlyMap<string, Uint8Array>,
  template: Template,
  isPaired: boolean,
): ReadonlyMap<string, Uint8Array> {
  const own = new Map([...files].filter(([path]) => !path.startsWith(pairedFolder)));
  const without = template.paired?.without ?? [];
  if (!isPaired) return own;
  for (const [path, bytes] of own) {
    if (without.some((entry) => path === entry || path.startsWith(`${entry}/`))) own.delete(path);
    if (!path.endsWith('Dockerfile')) continue;
    const lines = Buffer.from(bytes).toString().split('\n');
    const kept = lines.filter(
      (line) => !without.some((entry) => line.startsWith('COPY') && line.endsWith(` ./${entry}`)),
    );
    own.set(path, new TextEncoder().encode(kept.join('\n')));
  }
  for (const [path, bytes] of files) if (path.startsWith(pairedFolder)) own.set(path.slice(pairedFolder.length), bytes);
  return own;
}

/** Without the files of deployments that were not chosen. */
function deployed(files: ReadonlyMap<string, Uint8Array>, template: Template, choice: string) {
  const ways = Object.entries(template.deploy);
  const chosen = choice === 'all' ? Object.keys(template.deploy) : choice === 'none' ? [] : choice.split(',');
  const listed = (path: string, lists: readonly (readonly string[])[]): boolean =>
    lists.flat().some((entry) => path === entry || path.startsWith(`${entry.replace(/\/$/, '')}/`));
  const [wanted, unwanted] = [true, false].map((want) =>
    ways.filter(([way]) => chosen.includes(way) === want).map(([, list]) => list),
  );
  const bare = (path: string): string =>
    path.startsWith(standaloneFolder) ? path.slice(standaloneFolder.length) : path;
  return new Map([...files].filter(([path]) => !listed(bare(path), unwanted!) || listed(bare(path), wanted!)));
}

/**
 * A template's files under a new name: paths and content. Files that are not UTF-8 stay unchanged.
 *
 * @throws UserError (wrong usage) if two files would get the same path.
 */
export function render(files: ReadonlyMap<string, Uint8Array>, rename: Rename): Map<string, Uint8Array> {
  const rendered = new Map<string, Uint8Array>();
  for (const [path, bytes] of files) {
    const renamed = rename(path);
    if (rendered.has(renamed))
      throw new UserError(`--name: the template already has a file ${renamed}; add a word to the name.`, 64);
    rendered.set(renamed, renameBytes(bytes, rename));
  }
  return rendered;
}

function renameBytes(bytes: Uint8Array, rename: Rename): Uint8Array {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    return bytes;
  }
  return new TextEncoder().encode(rename(text));
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
