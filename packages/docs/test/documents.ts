import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../../..', import.meta.url));
const pages = 'packages/docs/pages';
const shared = readdirSync(join(root, 'packages')).filter((name) => name.startsWith('collector-'));

/** Pages of the site, as paths from the root. */
export const sitePages: readonly string[] = readdirSync(join(root, pages), { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.md') && !path.startsWith('api/'))
  .map((path) => `${pages}/${path}`)
  .sort();

/** Documents whose code is tested, by name: the READMEs and the pages. */
export const documents: ReadonlyMap<string, string> = new Map([
  ['readme', 'README.md'],
  ...['exporter-kit', 'create-exporter', ...shared].map((name) => [name, `packages/${name}/README.md`] as const),
  ...sitePages.map((path) => [basename(path, '.md'), path] as const),
]);
