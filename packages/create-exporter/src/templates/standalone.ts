import { UserError } from '../user-error.ts';
import type { Bundle } from './bundle.ts';
import { standaloneFolder } from './templates.ts';

interface Manifest {
  exports?: unknown;
  publishConfig?: { exports?: unknown };
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** The tools that a workspace has at its root. */
const tools = ['@types/node', 'typescript', 'vitest'];

/**
 * A rendered project made standalone: versions instead of `workspace:*` and `catalog:`, its own tsconfig, and commands
 * for its own folder.
 *
 * @param kit exporter-kit's entry in package.json instead of its version, such as `file:../exporter-kit.tgz`.
 */
export function standAlone(
  files: ReadonlyMap<string, Uint8Array>,
  packageName: string,
  bundle: Pick<Bundle, 'standalone' | 'versions'>,
  kit?: string,
): Map<string, Uint8Array> {
  const versions = { ...bundle.versions, ...(kit === undefined ? {} : { 'exporter-kit': kit }) };
  const alone = new Map<string, Uint8Array>();
  const put = (path: string, text: string): unknown => alone.set(path, new TextEncoder().encode(text));
  for (const [path, bytes] of files) {
    if (path.startsWith(standaloneFolder)) continue;
    const text = Buffer.from(bytes).toString();
    put(
      path,
      path === 'package.json'
        ? manifestAlone(text, versions, bundle.versions)
        : path.endsWith('.md') || path.startsWith('deploy/')
          ? atHome(text, packageName)
          : text,
    );
  }
  // npm would not ship it under its own name.
  for (const [path, text] of Object.entries(bundle.standalone)) put(path === 'gitignore' ? '.gitignore' : path, text);
  for (const [path, bytes] of files) {
    if (path.startsWith(standaloneFolder)) alone.set(path.slice(standaloneFolder.length), bytes);
  }
  return alone;
}

/** Instructions for the workspace's root, and the same for the project's folder. */
export function atHome(text: string, packageName: string): string {
  return (
    text
      .replaceAll(` --prefix apps/${packageName}`, '')
      .replaceAll(` --prefix packages/${packageName}`, '')
      .replaceAll(`apps/${packageName}/`, '')
      // In compose.yaml: the build context.
      .replaceAll('context: ../../..', 'context: ..')
      .replaceAll('npm run new --', 'npx create-exporter')
      .replaceAll('From the root of the workspace:', 'In this folder:')
  );
}

type Versions = Readonly<Record<string, string>>;

/** @param published versions for those who install it. */
function manifestAlone(text: string, versions: Versions, published: Versions): string {
  const manifest = JSON.parse(text) as Manifest;
  // Only a workspace reads the sources of its packages.
  if (manifest.publishConfig?.exports !== undefined) {
    manifest.exports = manifest.publishConfig.exports;
    delete manifest.publishConfig;
  }
  manifest.devDependencies = { ...manifest.devDependencies };
  for (const tool of tools) manifest.devDependencies[tool] ??= 'catalog:';
  manifest.devDependencies = Object.fromEntries(
    Object.entries(manifest.devDependencies).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const lists = [manifest.dependencies, manifest.devDependencies, manifest.peerDependencies];
  for (const list of lists.filter((each) => each !== undefined)) {
    for (const [name, spec] of Object.entries(list)) {
      if (!/^(workspace|catalog):/.test(spec)) continue;
      const version = (list === manifest.peerDependencies ? published : versions)[name];
      if (version === undefined) throw new UserError(`the template needs ${name}, but its version is not known here.`);
      list[name] = version;
    }
  }
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
