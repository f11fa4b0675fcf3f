import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { jsonFile } from '../json-file.ts';
import { type ExporterFile, exporterFileName, exporterFileSchema } from '../project/exporter-file.ts';
import { templateFileName, templateFileSchema } from '../templates/templates.ts';
import { UserError } from '../user-error.ts';
import type { Workspace } from './workspace.ts';

const dependencies = z.record(z.string(), z.string()).optional();

/** The fields of a package.json that we read. */
export const manifestSchema = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  keywords: z.array(z.string()).optional(),
  scripts: dependencies,
  dependencies,
  devDependencies: dependencies,
  peerDependencies: dependencies,
  /** A package of collectors describes itself. */
  exporterKit: z
    .looseObject({
      /** The export that makes its collectors, `() => Collector | Collector[]`; `...name` if it is a list of them. */
      collectors: z.string().optional(),
      /** The name of its source, below which its settings are: `redis` for `--redis.addr`. */
      source: z.string().optional(),
      owner: z.string().optional(),
      stability: z.string().optional(),
      /** The names of its metrics, for where its goldens are not published. */
      metrics: z.array(z.string()).optional(),
    })
    .optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** A package of the workspace. */
export interface Member {
  /** Relative to the root, with `/`. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Its `.exporter.json`. */
  readonly about?: ExporterFile;
  /** For a template: the port in its sources. */
  readonly templatePort?: number;
}

/** The part of a workspace that {@link members} needs. */
export type Place = Pick<Workspace, 'kind' | 'root' | 'only'>;

/** Everything in `apps/`, `packages/` and `templates/`; outside of a workspace, the project meant, or each in the folder. */
export async function members({ kind, root, only }: Place): Promise<Member[]> {
  if (kind === 'folder') return standing(root, only);
  const found: Member[] = [];
  for (const parent of ['apps/', 'packages/', 'templates/']) {
    const entries = await readdir(join(root, parent), { withFileTypes: true }).catch(() => []);
    for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (name.startsWith('.') || name === 'node_modules') continue;
      const member = await memberAt(root, `${parent}${name}`);
      if (member !== undefined) found.push(member);
    }
  }
  return found;
}

/** Standalone projects. An unreadable one is ignored, unless it is the one that was named. */
async function standing(root: string, only: string | undefined): Promise<Member[]> {
  const names = only === undefined ? (await readdir(root).catch(() => [])).sort() : [only];
  const found: Member[] = [];
  for (const name of names) {
    const member = await memberAt(root, name).catch((error: unknown) => {
      if (only !== undefined) throw error;
      return undefined;
    });
    if (member?.about !== undefined) found.push(member);
  }
  return found;
}

async function memberAt(root: string, folder: string): Promise<Member | undefined> {
  const at = (file: string): string => join(root, folder, file);
  const manifest = await jsonFile(at('package.json'), manifestSchema);
  const about = await jsonFile(at(exporterFileName), exporterFileSchema);
  const templatePort = folder.startsWith('templates/')
    ? (await jsonFile(at(templateFileName), templateFileSchema))?.port
    : undefined;
  if (manifest === undefined && about === undefined && templatePort === undefined) return undefined;
  return {
    folder,
    manifest: manifest ?? {},
    ...(about === undefined ? {} : { about }),
    ...(templatePort === undefined ? {} : { templatePort }),
  };
}

/** A member that is an exporter or a job, from a template or not. */
export type Project = Member & { readonly about: ExporterFile };

export const isProject = (member: Member): member is Project => member.about !== undefined;

/**
 * The project that `word` names, by folder, package or name; without it, the one that contains `cwd`.
 *
 * @throws UserError if there is none, or more than one.
 */
export function projectNamed(word: string | undefined, all: readonly Member[], root: string, cwd: string): Project {
  const projects = all.filter(isProject);
  const known = `Known are: ${projects.map(({ folder }) => folder).join(', ') || 'none'}.`;
  if (word === undefined) {
    const around = projects.find(({ folder }) => !relative(resolve(root, folder), cwd).startsWith('..'));
    if (around !== undefined) return around;
    throw new UserError(`missing: <project>. Name one, or run this in its folder. ${known}`, 64);
  }
  const folder = relative(root, resolve(cwd, word));
  const [found, ...others] =
    [
      projects.filter((each) => each.folder === folder || each.folder === word),
      projects.filter((each) => each.manifest.name === word || each.folder.endsWith(`/${word}`)),
      projects.filter((each) => each.about.name === word),
    ].find((some) => some.length > 0) ?? [];
  if (found === undefined) throw new UserError(`there is no project ${JSON.stringify(word)}. ${known}`, 64);
  if (others.length === 0) return found;
  throw new UserError(
    `${word} is ambiguous: ${[found, ...others].map((each) => each.folder).join(' or ')}; name its folder.`,
    64,
  );
}
