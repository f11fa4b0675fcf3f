import { join } from 'node:path';
import { spellings } from '../names/names.ts';
import { type Member, members, type Place } from './members.ts';
import { goldenShapes, type Shape } from './metric-shapes.ts';

/** Names and ports in use, each with the folders that use them. */
export interface Inventory {
  readonly members: readonly Member[];
  readonly packages: Owners<string>;
  readonly images: Owners<string>;
  readonly namespaces: Owners<string>;
  readonly ports: Owners<number>;
  /** Metrics by name, each with the folder whose golden exposition shows it. Templates are left out. */
  readonly metrics: ReadonlyMap<string, readonly { readonly folder: string; readonly shape: Shape }[]>;
}

/** Folders by name or port; more than one is a mistake. */
export type Owners<T> = ReadonlyMap<T, readonly string[]>;

/** The workspace's inventory, without some of its folders. */
export async function inventory(workspace: Place, without: readonly string[] = []): Promise<Inventory> {
  const all = (await members(workspace)).filter(({ folder }) => !without.includes(folder));
  const packages = new Map<string, string[]>();
  const images = new Map<string, string[]>();
  const namespaces = new Map<string, string[]>();
  const ports = new Map<number, string[]>();
  const metrics = new Map<string, { folder: string; shape: Shape }[]>();
  for (const member of all) {
    const { folder, manifest, about, templatePort } = member;
    const { name } = manifest;
    if (name !== undefined) add(packages, name, folder);
    if (name !== undefined && !folder.startsWith('packages/')) add(images, about?.image ?? imageOf(name), folder);
    const port = about?.port ?? templatePort;
    if (port !== undefined) add(ports, port, folder);
    if (folder.startsWith('templates/')) continue;
    const shapes = await goldenShapes(join(workspace.root, folder)).catch((error: unknown) => {
      // Neighbours of a standalone project may be unreadable.
      if (workspace.kind === 'folder') return [];
      throw error;
    });
    for (const shape of shapes) add(metrics, shape.name, { folder, shape });
    for (const namespace of namespacesOf(member, shapes)) add(namespaces, namespace, folder);
  }
  return { members: all, packages, images, namespaces, ports, metrics };
}

/** An image has its package's name, without the scope. */
export const imageOf = (packageName: string): string => packageName.replace(/^@[^/]*\//, '');

/** A project's declared namespace; by default the first words of its metrics. */
export function namespacesOf({ about }: Pick<Member, 'about'>, shapes: readonly Shape[]): string[] {
  if (about?.namespace !== undefined) return [about.namespace];
  if (about?.name !== undefined) return [spellings(about.name).snake];
  return [...new Set(shapes.map(({ name }) => name.split('_')[0]!))];
}

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
