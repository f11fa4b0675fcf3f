import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { jsonFile } from '../json-file.ts';
import { plainBytes } from '../project/bookkeeping.ts';
import { UserError } from '../user-error.ts';

/** The file that describes a template; it is not copied. */
export const templateFileName = 'template.json';

/** Its files replace those beside it in standalone projects. */
export const standaloneFolder = 'standalone/';

/** Its files replace those beside it in projects that serve a shared package's collectors instead of their own. */
export const pairedFolder = 'paired/';

/** What can be added to a project. */
export const kinds = ['collector', 'probe', 'job'] as const;
export type Kind = (typeof kinds)[number];

/** What `template.json` holds. */
export const templateFileSchema = z.strictObject({
  /** One line for the menu. */
  summary: z.string(),
  /** Increased when projects need a codemod to follow; see `plan/codemods.ts`. */
  version: z.number().int().min(1).default(1),
  /** The workspace's folder that projects go to. */
  into: z.enum(['apps', 'packages']).default('apps'),
  /** Name of its projects' package, if another template has the default, its own name. */
  package: z.string().optional(),
  /** The port in its sources; each project gets its own instead. */
  port: z.number().int().optional(),
  /** Commands to show after creating a project. */
  next: z.array(z.string()).default([]),
  /** Deployments, each with the files and folders to omit if it is not chosen. */
  deploy: z.record(z.string(), z.array(z.string())).default({}),
  /** What can be added to its projects, and the generated file that lists it; a job is its own program and has none. */
  accepts: z.partialRecord(z.enum(kinds), z.string().nullable()).default({}),
  /** For a project of the name of a shared package: it leaves these files and folders out, and has those of `paired/`. */
  paired: z.strictObject({ without: z.array(z.string()) }).optional(),
  /** For `add` instead of a project: these files are added to a project that accepts this kind. */
  adds: z.strictObject({ kind: z.enum(kinds), files: z.array(z.string()) }).optional(),
});

type About = z.infer<typeof templateFileSchema>;

/** A folder of `templates/`: a working package under the placeholder's name. */
export interface Template extends About {
  /** The folder's name. */
  readonly name: string;
  /** From its package.json, or `package`. */
  readonly packageName: string;
  /** Its own files: relative path, with `/`, to content. */
  files(): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** All templates of a workspace, by name. */
export async function listTemplates(root: string): Promise<Template[]> {
  const found: Template[] = [];
  for (const name of (await readdir(join(root, 'templates'))).sort()) {
    const directory = join(root, 'templates', name);
    const about = await jsonFile(join(directory, templateFileName), templateFileSchema);
    const manifest = await jsonFile(join(directory, 'package.json'), z.looseObject({ name: z.string() }));
    if (about === undefined || manifest === undefined) continue;
    const packageName = about.package ?? manifest.name;
    const files = async () => named(await templateFiles(directory), manifest.name, packageName);
    found.push({ ...about, name, packageName, files });
  }
  return found;
}

/** The files with the package renamed. */
function named(files: Map<string, Uint8Array>, from: string, to: string): Map<string, Uint8Array> {
  const manifest = files.get('package.json');
  if (manifest === undefined || from === to) return files;
  const text = new TextDecoder().decode(manifest).replace(`"name": "${from}"`, `"name": "${to}"`);
  return files.set('package.json', new TextEncoder().encode(text));
}

/** Templates of whole projects. */
export const projectTemplates = (all: readonly Template[]): Template[] => all.filter(({ adds }) => adds === undefined);

/** @throws UserError (wrong usage) if there is no such template. */
export function templateNamed(name: string, templates: readonly Template[]): Template {
  const found = templates.find((template) => template.name === name);
  if (found !== undefined) return found;
  const names = projectTemplates(templates).map((template) => template.name);
  throw new UserError(`there is no template ${JSON.stringify(name)}; choose from: ${names.join(', ')}.`, 64);
}

/** Output of tools. */
export const leftBehind: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage', '.turbo']);

/** A template's own files, without `template.json` and the output of tools. Links are not followed. */
export async function templateFiles(directory: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !leftBehind.has(entry.name)) await walk(path);
      // Each project writes views of its own, at its first test.
      if (!entry.isFile() || path === templateFileName || folder === 'views') continue;
      // A clone may have other line ends.
      files.set(path.split(sep).join('/'), plainBytes(await readFile(join(directory, path))));
    }
  };
  await walk('');
  return files;
}
