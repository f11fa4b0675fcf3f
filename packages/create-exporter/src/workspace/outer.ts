import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { jsonFile } from '../json-file.ts';
import { plain } from '../merge/line-ends.ts';
import { UserError } from '../user-error.ts';

/** A workspace of npm, pnpm, yarn or bun around a standalone project: somebody's monorepo, with no templates of ours. */
export interface Outer {
  readonly root: string;
  /** The file that lists its packages. */
  readonly file: string;
  /** Whether that list has the project, so that it is installed with all others, from one lockfile. */
  readonly isMember: boolean;
}

const manifest = z.looseObject({
  workspaces: z.union([z.array(z.string()), z.looseObject({ packages: z.array(z.string()).default([]) })]).optional(),
});
const settings = z.looseObject({ packages: z.array(z.string()).default([]) }).nullable();

/**
 * The nearest workspace above a project's folder, which need not exist yet.
 *
 * @throws UserError if its list of packages can't be read.
 */
export async function outerWorkspace(project: string): Promise<Outer | undefined> {
  for (let folder = dirname(project); ; folder = dirname(folder)) {
    for (const [name, read] of lists) {
      const file = join(folder, name);
      const packages = existsSync(file) ? await read(file) : undefined;
      if (packages === undefined) continue;
      const { minimatch } = await import('minimatch');
      const path = relative(folder, project).split(sep).join('/');
      const matches = (pattern: string): boolean => minimatch(path, pattern.replace(/^\.\/|\/$/g, ''));
      const isMember =
        packages.some((each) => !each.startsWith('!') && matches(each)) &&
        !packages.some((each) => each.startsWith('!') && matches(each.slice(1)));
      return { root: folder, file, isMember };
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** Reads a list of packages; `undefined` if the file has none. */
type Read = (file: string) => Promise<readonly string[] | undefined>;

const lists: readonly (readonly [name: string, read: Read])[] = [
  ['pnpm-workspace.yaml', pnpmPackages],
  [
    'package.json',
    async (file) => {
      const { workspaces } = (await jsonFile(file, manifest)) ?? {};
      return workspaces === undefined || Array.isArray(workspaces) ? workspaces : workspaces.packages;
    },
  ],
];

async function pnpmPackages(file: string): Promise<readonly string[]> {
  // Few projects are in a workspace.
  const { parse } = await import('yaml');
  try {
    return settings.parse(parse(plain(await readFile(file, 'utf8'))))?.packages ?? [];
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`, 1, { cause: error });
  }
}
