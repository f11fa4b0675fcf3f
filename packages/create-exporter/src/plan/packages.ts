import type { ExporterFile } from '../project/exporter-file.ts';
import { type Shared, sharedNamed } from '../workspace/shared.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** The rendered package.json with the packages of collectors that were added, when there are any. */
export function withPackages(
  files: ReadonlyMap<string, Uint8Array>,
  about: ExporterFile,
  { kind, shared }: Pick<Workspace, 'kind' | 'shared'>,
): Map<string, Uint8Array> {
  const added = Object.values(about.additions ?? {}).flatMap((addition) => addition.package ?? []);
  const bytes = files.get('package.json');
  if (added.length === 0 || bytes === undefined) return new Map();
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as { dependencies?: Record<string, string> };
  const wanted = added.map((name) => [name, rangeOf(sharedNamed(name, shared), kind)] as const);
  const all = [...Object.entries(manifest.dependencies ?? {}), ...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
  manifest.dependencies = Object.fromEntries(all);
  return new Map([['package.json', new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`)]]);
}

const rangeOf = ({ from, version }: Shared, kind: Workspace['kind']): string =>
  kind === 'repository' && from === 'workspace' ? 'workspace:*' : `^${version}`;
