import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exporterFileName } from '../project/exporter-file.ts';
import { type Bundle, bundledTemplates, bundleOf, bundleSchema } from '../templates/bundle.ts';
import { listTemplates, type Template, templateFileName } from '../templates/templates.ts';
import { type Shared, sharedPackages } from './shared.ts';

/** A place of projects, with its templates. */
export interface Workspace {
  /** A pnpm workspace with templates of its own; or any folder with standalone projects. */
  readonly kind: 'repository' | 'folder';
  readonly root: string;
  readonly templates: readonly Template[];
  /** Packages of collectors for its projects. */
  readonly shared: readonly Shared[];
  /** Additional files of standalone projects; `undefined` in a workspace. */
  readonly bundle?: Bundle;
  /** The name of the standalone project in question; its neighbours are ignored. */
  readonly only?: string;
}

/** The folder in which a project's changes are locked, staged and rolled back. */
export const homeOf = ({ kind, root }: Pick<Workspace, 'kind' | 'root'>, folder: string): string =>
  kind === 'repository' ? root : join(root, folder);

/**
 * The workspace around a folder: the nearest one upwards with `pnpm-workspace.yaml` and `templates/`. Without one, a folder
 * of standalone projects: the parent of the project that is named or that contains the folder, else the folder itself.
 */
export async function openWorkspace(start: string, word = '.'): Promise<Workspace> {
  const named = resolve(start, word);
  let project = existsSync(join(named, exporterFileName)) ? named : undefined;
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (hasTemplates(folder)) return openRepository(folder);
    if (existsSync(join(folder, exporterFileName))) project ??= folder;
    if (folder === dirname(folder)) break;
  }
  const bundle = await ownBundle();
  const at = {
    kind: 'folder' as const,
    root: project === undefined ? resolve(start) : dirname(project),
    ...(project === undefined ? {} : { only: basename(project) }),
  };
  return { ...at, templates: bundledTemplates(bundle), shared: await sharedPackages(at), bundle };
}

/** Whether a folder is a pnpm workspace with our templates: others may have a folder of that name. */
function hasTemplates(folder: string): boolean {
  if (!existsSync(join(folder, 'pnpm-workspace.yaml'))) return false;
  const templates = join(folder, 'templates');
  return (
    existsSync(templates) && readdirSync(templates).some((name) => existsSync(join(templates, name, templateFileName)))
  );
}

/** A pnpm workspace with templates. */
export async function openRepository(root: string): Promise<Workspace> {
  const shared = await sharedPackages({ kind: 'repository', root });
  return { kind: 'repository', root, templates: await listTemplates(root), shared };
}

/** The templates published with this program; from its sources, those of its repository. */
async function ownBundle(): Promise<Bundle> {
  const text = await readFile(new URL('../templates.json', import.meta.url), 'utf8').catch(() => undefined);
  if (text !== undefined) return bundleSchema.parse(JSON.parse(text));
  return bundleOf(fileURLToPath(new URL('../../../..', import.meta.url)));
}
