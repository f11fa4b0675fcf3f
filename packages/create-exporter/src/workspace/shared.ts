import { join } from 'node:path';
import { jsonFile } from '../json-file.ts';
import { spellings } from '../names/names.ts';
import { UserError } from '../user-error.ts';
import { type Manifest, type Member, manifestSchema, members, type Place } from './members.ts';
import { goldenShapes } from './metric-shapes.ts';

/** The word in package.json's `keywords` that marks a package of collectors. */
export const sharedKeyword = 'exporter-collector';

/** A package of collectors for any exporter. */
export interface Shared {
  readonly name: string;
  readonly version: string;
  /** In the workspace, or installed. */
  readonly from: 'workspace' | 'installed';
  /** In the workspace: relative to its root. */
  readonly folder?: string;
  /** The export that makes its collectors; with `...` before it, the export that lists them. */
  readonly collectors: string;
  /** The name of its source, below which its settings are. */
  readonly source?: string;
  readonly owner?: string;
  readonly stability?: string;
  /** The names of its metrics, if known. */
  readonly metrics: readonly string[];
}

/** Packages of collectors in the workspace, and installed ones that a package.json depends on. */
export async function sharedPackages(workspace: Place): Promise<Shared[]> {
  const found = new Map<string, Shared>();
  const all = await members(workspace);
  for (const { folder, manifest, about } of all) {
    if (folder.startsWith('templates/') || manifest.name === undefined || !isShared(manifest)) continue;
    const metrics = await metricsOf(join(workspace.root, folder));
    const owner = about?.owner === undefined ? {} : { owner: about.owner };
    found.set(manifest.name, { ...owner, folder, ...shared(manifest, 'workspace', metrics) });
  }
  for (const [name, at] of await installed(workspace, all)) {
    if (found.has(name)) continue;
    const manifest = await jsonFile(join(at, 'package.json'), manifestSchema);
    if (manifest !== undefined && isShared(manifest))
      found.set(name, shared(manifest, 'installed', await metricsOf(at)));
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws UserError (wrong usage) if there is no such package. */
export function sharedNamed(name: string, all: readonly Shared[]): Shared {
  const found = all.find((each) => each.name === name);
  if (found !== undefined) return found;
  const known = all.map((each) => each.name).join(', ') || 'none';
  throw new UserError(
    `${name} is not a package of collectors here (keyword "${sharedKeyword}"); known are: ${known}. Install it first.`,
    64,
  );
}

/** A package's name without its scope and `collector-`. */
export const bareName = (name: string): string => name.replace(/^@[^/]*\//, '').replace(/^collector-/, '');

/** How an export of collectors is used in code: `host()`, or `...hostCollectors` if it lists them. */
export const useOf = (collectors: string): string => (collectors.startsWith('...') ? collectors : `${collectors}()`);

/** Golden expositions may be published too. */
const metricsOf = async (directory: string): Promise<string[]> =>
  (await goldenShapes(directory)).map(({ name }) => name).sort();

const isShared = ({ keywords }: Manifest): boolean => keywords?.includes(sharedKeyword) === true;

function shared(manifest: Manifest, from: Shared['from'], metrics: readonly string[]): Shared {
  const { name = '', version = '0.0.0', exporterKit: about = {} } = manifest;
  return {
    name,
    version,
    from,
    collectors: about.collectors ?? spellings(bareName(name)).camel,
    ...(about.source === undefined ? {} : { source: about.source }),
    ...(about.owner === undefined ? {} : { owner: about.owner }),
    ...(about.stability === undefined ? {} : { stability: about.stability }),
    metrics: metrics.length > 0 ? metrics : (about.metrics ?? []),
  };
}

/** Dependencies of members and of a workspace's root, each with the folder it would be in. */
async function installed({ kind, root }: Place, all: readonly Member[]): Promise<Map<string, string>> {
  const folders = new Map<string, string>();
  const own = kind === 'repository' ? await jsonFile(join(root, 'package.json'), manifestSchema) : undefined;
  for (const { folder, manifest } of [...all, ...(own === undefined ? [] : [{ folder: '.', manifest: own }])]) {
    const names = [manifest.dependencies, manifest.devDependencies].flatMap((list) => Object.keys(list ?? {}));
    for (const name of names) folders.set(name, join(root, folder, 'node_modules', name));
  }
  return folders;
}
