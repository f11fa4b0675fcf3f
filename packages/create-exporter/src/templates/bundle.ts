import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonFile } from '../json-file.ts';
import { plain } from '../merge/line-ends.ts';
import { listTemplates, type Template, templateFileSchema, templateFiles } from './templates.ts';

/**
 * All templates in one file, for publishing: npm would drop or interpret some of their files (`.gitignore`, `.npmrc`, the
 * `files` of a package.json).
 */
export const bundleSchema = z.strictObject({
  templates: z.record(
    z.string(),
    z.strictObject({ about: templateFileSchema, packageName: z.string(), files: z.record(z.string(), z.string()) }),
  ),
  /** Additional files of a standalone project: tsconfig, vitest's configuration. */
  standalone: z.record(z.string(), z.string()),
  /** Files of a project that is a repository of its own; see `plan/repository-files.ts`. */
  repository: z.record(z.string(), z.string()),
  /** Versions for `workspace:*` and `catalog:`. */
  versions: z.record(z.string(), z.string()),
});

export type Bundle = z.infer<typeof bundleSchema>;

/** Bundles a repository's templates. */
export async function bundleOf(root: string): Promise<Bundle> {
  const templates: Bundle['templates'] = {};
  for (const { name, packageName, files, ...about } of await listTemplates(root)) {
    templates[name] = { about, packageName, files: texts(await files()) };
  }
  const standalone = texts(await templateFiles(join(root, 'packages/create-exporter/standalone')));
  const repository = texts(await templateFiles(join(root, 'packages/create-exporter/repository')));
  return { templates, standalone, repository, versions: await versionsOf(root) };
}

/** A bundle's templates. */
export function bundledTemplates(bundle: Bundle): Template[] {
  return Object.entries(bundle.templates).map(([name, { about, packageName, files }]) => ({
    ...about,
    name,
    packageName,
    files: async () => new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)])),
  }));
}

/** @throws TypeError for a file that is not UTF-8. */
function texts(files: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return Object.fromEntries([...files].map(([path, bytes]) => [path, strict.decode(bytes)]));
}

/** The catalog's versions and those of the workspace's packages, as ranges. */
async function versionsOf(root: string): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  const workspace = plain(await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8'));
  const [, catalog = ''] = /^catalog:\n((?: .*\n|\n)*)/m.exec(workspace) ?? [];
  for (const [, name, version] of catalog.matchAll(/^ +'?([^':\s]+)'?: (\S+)$/gm)) versions[name!] = `^${version}`;
  for (const folder of await readdir(join(root, 'packages'))) {
    const schema = z.looseObject({ name: z.string(), version: z.string().optional() });
    const manifest = await jsonFile(join(root, 'packages', folder, 'package.json'), schema);
    if (manifest?.version !== undefined) versions[manifest.name] = `^${manifest.version}`;
  }
  return versions;
}
