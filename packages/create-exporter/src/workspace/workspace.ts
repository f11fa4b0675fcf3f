import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exporterFileName } from '../project/exporter-file.ts';
import { type Bundle, bundledTemplates, bundleOf, bundleSchema } from '../templates/bundle.ts';
import { listTemplates, type Template } from '../templates/templates.ts';
import { type Shared, sharedPackages } from './shared.ts';

/** Where projects live and templates come from. */
export interface Workspace {
  /** A pnpm workspace with templates of its own; or any folder, whose projects stand alone. */
  readonly kind: 'repository' | 'folder';
  readonly root: string;
  readonly templates: readonly Template[];
  /** Packages of collectors that its projects may take. */
  readonly shared: readonly Shared[];
  /** What projects that stand alone have beside; where they do. */
  readonly bundle?: Bundle;
}

/**
 * The workspace around a folder: the nearest one upwards that holds `pnpm-workspace.yaml` and `templates/`. Where there is
 * none, a folder of projects that stand alone: the one above the project we are in, else this one.
 */
export async function openWorkspace(start: string): Promise<Workspace> {
  let project: string | undefined;
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml')) && existsSync(join(folder, 'templates'))) {
      return openRepository(folder);
    }
    if (existsSync(join(folder, exporterFileName))) project ??= folder;
    if (folder === dirname(folder)) break;
  }
  const bundle = await ownBundle();
  const root = project === undefined ? resolve(start) : dirname(project);
  const shared = await sharedPackages({ kind: 'folder', root });
  return { kind: 'folder', root, templates: bundledTemplates(bundle), shared, bundle };
}

/** A pnpm workspace with templates. */
export async function openRepository(root: string): Promise<Workspace> {
  const shared = await sharedPackages({ kind: 'repository', root });
  return { kind: 'repository', root, templates: await listTemplates(root), shared };
}

/** The templates that were packed with this program; run from its sources, those of its repository. */
async function ownBundle(): Promise<Bundle> {
  const text = await readFile(new URL('../templates.json', import.meta.url), 'utf8').catch(() => undefined);
  if (text !== undefined) return bundleSchema.parse(JSON.parse(text));
  return bundleOf(fileURLToPath(new URL('../../../..', import.meta.url)));
}
