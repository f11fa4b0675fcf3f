import { spellings } from '../names/names.ts';
import type { Addition, ExporterFile } from '../project/exporter-file.ts';
import { type Kind, type Template, templateNamed } from '../templates/templates.ts';
import type { Manifest } from '../workspace/members.ts';
import { type Shared, sharedNamed } from '../workspace/shared.ts';
import type { Workspace } from '../workspace/workspace.ts';

/**
 * The generated files of a project: those that list what was added. Explicit imports, so that a reader, the compiler and a
 * bundler see what runs; `main.ts` imports the list, so that no code of the user's is edited.
 */
export function wiring(about: ExporterFile, template: Template, workspace: Workspace): Map<string, string> {
  const files = new Map<string, string>();
  for (const [kind, file] of Object.entries(template.accepts) as [Kind, string | null][]) {
    if (file === null) continue;
    const entries = Object.entries(about.additions ?? {})
      .filter(([, addition]) => kindOf(addition, workspace) === kind)
      .map(([name, addition]) => entryOf(name, addition, kind, workspace))
      .sort((a, b) => (a.from < b.from ? -1 : 1));
    files.set(file, listing(kind, entries));
  }
  return files;
}

/** The kind of an addition; a package brings collectors. */
export const kindOf = ({ template }: Addition, { templates }: Pick<Workspace, 'templates'>): Kind =>
  template === undefined ? 'collector' : templateNamed(template, templates).adds!.kind;

/** The export of the list that `main.ts` puts into `probes`. */
export const addedSources = 'addedSources';

interface Entry {
  readonly from: string;
  readonly imported: string;
  readonly element: string;
}

function entryOf(name: string, addition: Addition, kind: Kind, workspace: Workspace): Entry {
  if (addition.package !== undefined) {
    const { collectors } = sharedNamed(addition.package, workspace.shared);
    const imported = collectors.replace(/^\.\.\./, '');
    // A list, or a function that returns one collector or several.
    const element = imported === collectors ? `...[${imported}()].flat()` : collectors;
    return { from: addition.package, imported, element };
  }
  const imported = `${spellings(name).camel}${kind === 'collector' ? 'Collector' : 'Probe'}`;
  return { from: `./${name}.ts`, imported, element: imported };
}

function listing(kind: Kind, entries: readonly Entry[]): string {
  const [type, types] = kind === 'collector' ? ['Collector', 'Collector, Source'] : ['Probe', 'Probe'];
  const imports = entries.map(({ from, imported }) => `import { ${imported} } from '${from}';\n`);
  return `import type { ${types} } from 'exporter-kit';
${imports.join('')}
/** The ${kind}s that \`add\` added. It rewrites this file unless you have edited it; then it prints what to add. */
export const added: ${type}[] = [${entries.map(({ element }) => element).join(', ')}];
${kind === 'collector' ? sources : ''}`;
}

const sources = `
/** Their sources that \`/probe\` can read, each once. */
export const ${addedSources}: Source[] = [...new Set(added.flatMap(({ source }) => source ?? []))].filter(
  ({ target }) => target !== undefined,
);
`;

/** Ranges by the name of a package. */
export type Ranges = Readonly<Record<string, string>>;

/**
 * The version ranges of a project's packages: as they stood when the project was last rendered, else as they stand, so that
 * neither an installation nor an edit looks like a change of the template.
 */
export function rangesOf({ dependencies, devDependencies }: Manifest, base: string | undefined): Ranges {
  const before = base === undefined ? {} : (JSON.parse(base) as { dependencies?: Ranges }).dependencies;
  return { ...devDependencies, ...dependencies, ...before };
}

/**
 * The rendered package.json with the packages of collectors that were added, when there are any.
 *
 * @param kept their ranges in the project, where it has them.
 */
export function withPackages(
  files: ReadonlyMap<string, Uint8Array>,
  about: ExporterFile,
  { kind, shared }: Pick<Workspace, 'kind' | 'shared'>,
  kept: Ranges,
): Map<string, Uint8Array> {
  const added = Object.values(about.additions ?? {}).flatMap((addition) => addition.package ?? []);
  const bytes = files.get('package.json');
  if (added.length === 0 || bytes === undefined) return new Map();
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as { dependencies?: Record<string, string> };
  const wanted = added.map((name) => [name, kept[name] ?? rangeOf(sharedNamed(name, shared), kind)] as const);
  const all = [...Object.entries(manifest.dependencies ?? {}), ...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
  manifest.dependencies = Object.fromEntries(all);
  return new Map([['package.json', new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 2)}\n`)]]);
}

function rangeOf({ from, version, folder }: Shared, kind: Workspace['kind']): string {
  if (from === 'installed') return `^${version}`;
  // A standalone project's neighbour may not be published.
  return kind === 'repository' ? 'workspace:*' : `file:../${folder}`;
}
