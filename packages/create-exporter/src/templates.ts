import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { jsonFile } from './json-file.ts';
import { Refusal } from './refusal.ts';

/** The file in a template's folder that is about the template; it is not copied. */
export const templateFileName = 'template.json';

/** What that file holds. */
export const templateFileSchema = z.strictObject({
  /** One line for the menu. */
  summary: z.string(),
  /** The workspace's folder that projects go to. */
  into: z.enum(['apps', 'packages']),
  /** The port its sources name; a project gets one of its own instead. */
  port: z.number().int().optional(),
  /** Commands to show when it is written. */
  next: z.array(z.string()),
});

/** A folder of `templates/`: a package that runs as it is, under the placeholder's name. */
export interface Template extends z.infer<typeof templateFileSchema> {
  /** The folder's name. */
  readonly name: string;
  readonly directory: string;
  /** From its package.json. */
  readonly packageName: string;
  readonly version: string;
}

/** All templates, by name. */
export async function listTemplates(root: string): Promise<Template[]> {
  const found: Template[] = [];
  for (const name of (await readdir(join(root, 'templates'))).sort()) {
    const directory = join(root, 'templates', name);
    const about = await jsonFile(join(directory, templateFileName), templateFileSchema);
    const manifest = await jsonFile(join(directory, 'package.json'), manifestSchema);
    if (about === undefined || manifest === undefined) continue;
    found.push({ ...about, name, directory, packageName: manifest.name, version: manifest.version });
  }
  return found;
}

/** @throws Refusal, as a mistake on the command line, when there is no such template. */
export function templateNamed(name: string, templates: readonly Template[]): Template {
  const found = templates.find((template) => template.name === name);
  if (found !== undefined) return found;
  const names = templates.map((template) => template.name).join(', ');
  throw new Refusal(`there is no template ${JSON.stringify(name)}; choose from: ${names}.`, 64);
}

/** A template's own files: relative path, with `/`, to content. What tools leave behind is not part of it. */
export async function templateFiles(template: Template): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(template.directory, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !leftBehind.has(entry.name)) await walk(path);
      if (!entry.isFile() || path === templateFileName) continue;
      files.set(path.split(sep).join('/'), await readFile(join(template.directory, path)));
    }
  };
  await walk('');
  return files;
}

const manifestSchema = z.looseObject({ name: z.string(), version: z.string() });
const leftBehind = new Set(['node_modules', 'dist', 'coverage', '.turbo']);
