import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { exporterFileName, exporterFileSchema } from './exporter-file.ts';
import { jsonFile } from './json-file.ts';
import { Refusal } from './refusal.ts';
import { templateFileName, templateFileSchema } from './templates.ts';

/** What the workspace already uses. */
export interface Inventory {
  /** Package name to folder, relative to the root. */
  readonly packages: ReadonlyMap<string, string>;
  /** Port to the folder it belongs to. */
  readonly ports: ReadonlyMap<number, string>;
}

/**
 * The nearest folder, upwards from `start`, that holds `pnpm-workspace.yaml` and `templates/`.
 *
 * @throws Refusal when there is none.
 */
export function findRoot(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml')) && existsSync(join(folder, 'templates'))) return folder;
    if (folder === dirname(folder)) {
      throw new Refusal(`${start} is in no workspace with templates; change to your clone of exporter-kit.`);
    }
  }
}

/** Names and ports of everything in `apps/`, `packages/` and `templates/`. */
export async function inventory(root: string): Promise<Inventory> {
  const packages = new Map<string, string>();
  const ports = new Map<number, string>();
  for (const folder of await members(root)) {
    const at = (file: string): string => join(root, folder, file);
    const name = (await jsonFile(at('package.json'), z.looseObject({ name: z.string().optional() })))?.name;
    if (name !== undefined) packages.set(name, folder);
    const port =
      (await jsonFile(at(exporterFileName), exporterFileSchema))?.port ??
      (await jsonFile(at(templateFileName), templateFileSchema))?.port;
    if (port === undefined) continue;
    const other = ports.get(port);
    ports.set(port, other === undefined ? folder : `${other} and ${folder}`);
  }
  return { packages, ports };
}

async function members(root: string): Promise<string[]> {
  const lists = await Promise.all(
    ['apps', 'packages', 'templates'].map(async (parent) =>
      (await readdir(join(root, parent)).catch(() => [])).map((child) => `${parent}/${child}`),
    ),
  );
  return lists.flat().sort();
}
