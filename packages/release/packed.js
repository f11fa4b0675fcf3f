import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { published } from './scope.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
// Where packages of this repository find each other's sources.
const SOURCES = '@exporter-kit/source';

/**
 * The manifest that pnpm publishes: without what only this repository reads, and with what stands once for all packages, in
 * the repository's own manifest. pnpm itself puts versions for `catalog:` and `workspace:`.
 */
function packed({ scripts: _, devDependencies: __, ...manifest }, folder) {
  const common = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return {
    ...manifest,
    name: published(manifest.name),
    ...renamed(manifest, 'dependencies'),
    ...renamed(manifest, 'peerDependencies'),
    keywords: [...common.keywords, ...(manifest.keywords ?? [])],
    author: common.author,
    homepage: common.homepage,
    bugs: common.bugs,
    repository: { ...common.repository, directory: relative(repository, folder).replaceAll('\\', '/') },
    exports: withoutSources(manifest.exports),
    ...(manifest.imports === undefined ? {} : { imports: withoutSources(manifest.imports) }),
  };
}

/** A list of packages with their names on the registry. */
function renamed(manifest, list) {
  if (manifest[list] === undefined) return {};
  return { [list]: Object.fromEntries(Object.entries(manifest[list]).map(([name, spec]) => [published(name), spec])) };
}

const withoutSources = (paths) =>
  Object.fromEntries(Object.entries(paths).map(([path, { [SOURCES]: _, ...conditions }]) => [path, conditions]));

export const hooks = { beforePacking: packed };
