import { join } from 'node:path';
import { bytesOf } from '../disk/disk.ts';
import type { Change } from '../disk/transaction.ts';
import { mergeJson } from '../merge/json.ts';
import { plain } from '../merge/line-ends.ts';
import { spellings } from '../names/names.ts';
import { readBase } from '../project/base-file.ts';
import { bookkeeping, endedBytes, hashOf, laidOutBytes, plainBytes } from '../project/bookkeeping.ts';
import { type Addition, type ExporterFile, exporterFileName } from '../project/exporter-file.ts';
import { ownPaths, readSource } from '../project/own-files.ts';
import { isView } from '../project/views.ts';
import type { Kind } from '../templates/templates.ts';
import { UserError } from '../user-error.ts';
import { refuseShapes } from '../workspace/collisions.ts';
import { inventory } from '../workspace/inventory.ts';
import type { Project } from '../workspace/members.ts';
import { shapesIn } from '../workspace/metric-shapes.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { addedSources, rangesOf, wiring, withPackages } from './additions.ts';
import { formatted } from './format.ts';
import { renderPiece, templateOf } from './render.ts';

/** What to add. */
export interface Wish {
  readonly kind: Kind;
  /** In kebab-case; or a package of collectors. */
  readonly name: string;
  readonly title?: string;
}

/** The changes it takes. */
export interface AddPlan {
  readonly folder: string;
  /** From the workspace's root. */
  readonly changes: ReadonlyMap<string, Change>;
  readonly dependencies: boolean;
  /** The name of the source that came with it, below which its settings are. */
  readonly source?: string;
  /** What users have to add themselves, where it would mean editing their code. */
  readonly byHand: readonly string[];
  /** Whether it has views, which do not show the addition yet. */
  readonly hasViews: boolean;
}

/**
 * Plans an addition: new files, and the generated list of additions. Users' code is not edited.
 *
 * @throws UserError if the project does not accept it, or something is in the way.
 */
export async function addTo(project: Project, wish: Wish, workspace: Workspace): Promise<AddPlan> {
  const { folder, about } = project;
  const { template, names } = templateOf(about, workspace.templates);
  const { kind, name } = wish;
  const list = template.accepts[kind];
  if (list === undefined) {
    const takes = Object.keys(template.accepts).join(' or ') || 'nothing';
    throw new UserError(`${folder} is a ${template.name}; a ${kind} cannot be added to it, only ${takes}.`, 64);
  }
  const shared = kind === 'collector' ? workspace.shared.find((each) => each.name === name) : undefined;
  if (about.additions?.[name] !== undefined) throw new UserError(`${folder} already has ${name}.`);
  const piece = workspace.templates.find(({ adds }) => adds?.kind === kind);
  if (shared === undefined && piece === undefined) throw new UserError(`there is no template for a ${kind} to add.`);
  const source = shared?.source;
  const settings = source ?? (shared === undefined && kind === 'collector' ? spellings(name).snake : undefined);
  if (settings !== undefined) refuseSource(settings, project, shared && names.snake, workspace);
  const addition: Addition = shared
    ? { package: name }
    : { template: piece!.name, version: piece!.version, ...(wish.title === undefined ? {} : { title: wish.title }) };
  const next: ExporterFile = { ...about, additions: { ...about.additions, [name]: addition } };

  const files = shared ? new Map<string, Uint8Array>() : await renderPiece(piece!, name, names.snake, wish.title);
  const generated = wiring(next, template, workspace);
  for (const [path, text] of generated) files.set(path, new TextEncoder().encode(text));
  const fresh = await formatted(files, workspace.root);
  await refuseMetrics(fresh, workspace, folder);

  const at = (path: string): string => join(workspace.root, folder, path);
  const base = await readBase(workspace.root, folder);
  const model = await bytesOf(at(exporterFileName));
  const changes = new Map<string, Change>();
  const byHand: string[] = [];
  for (const [path, bytes] of fresh) {
    const before = await bytesOf(at(path));
    base.set(path, Buffer.from(bytes).toString());
    if (!generated.has(path) && before !== undefined)
      throw new UserError(`${folder}/${path} exists; choose another name.`);
    const ours = before === undefined || hashOf(plainBytes(before)) === about.files?.[path];
    if (ours) changes.set(`${folder}/${path}`, { before, after: endedBytes(bytes, before ?? model) });
    else byHand.push(`${folder}/${path} was edited; add to it:\n${Buffer.from(bytes).toString().trimEnd()}`);
  }
  if (typeof list === 'string') byHand.push(...(await unused(at(''), list, folder, source !== undefined)));
  if (shared) await addDependency(next, workspace, base, changes, project);

  const rendered = new Map([...base].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => [path, encode(text)]));
  for (const [path, after] of bookkeeping(next, rendered)) {
    const before = await bytesOf(at(path));
    changes.set(`${folder}/${path}`, { before, after: laidOutBytes(path, after, before) });
  }
  const dependencies = shared !== undefined;
  const hasViews = kind !== 'job' && (await ownPaths(at(''))).some(isView);
  return { folder, changes, dependencies, ...(source === undefined ? {} : { source }), byHand, hasViews };
}

/** @throws UserError for a second source of a name: their settings would be in one place. */
function refuseSource(
  source: string,
  { folder, about }: Project,
  own: string | undefined,
  { shared }: Workspace,
): void {
  const other = Object.entries(about.additions ?? {}).find(([name, { package: from }]) =>
    from === undefined
      ? spellings(name).snake === source
      : shared.find((each) => each.name === from)?.source === source,
  )?.[0];
  const taken = other ?? (source === own ? folder : undefined);
  if (taken !== undefined) throw new UserError(`its source "${source}" has the name of that of ${taken}; rename one.`);
}

/** @throws UserError for a metric that another project has with another shape. */
async function refuseMetrics(files: ReadonlyMap<string, Uint8Array>, workspace: Workspace, folder: string) {
  const used = await inventory(workspace);
  for (const [path, bytes] of files) {
    if (!path.endsWith('.prom')) continue;
    const shapes = shapesIn(Buffer.from(bytes).toString());
    refuseShapes(shapes, used);
    const [twice] = shapes.filter(({ name }) => used.metrics.get(name)?.some((each) => each.folder === folder));
    if (twice !== undefined) throw new UserError(`metric ${twice.name} exists in ${folder}; choose another name.`);
  }
}

/** What to add if no source uses the list, as in a project that is older than the list or was rewritten. */
async function unused(directory: string, list: string, folder: string, hasSource: boolean): Promise<string[]> {
  const module = list.slice(list.lastIndexOf('/') + 1);
  const users: string[] = [];
  for (const path of await ownPaths(directory)) {
    // A test that imports it does not count.
    if (path === list || !/(?<!\.test)\.[cm]?[jt]s$/.test(path)) continue;
    const text = Buffer.from((await readSource(join(directory, path))) ?? []).toString();
    if (text.includes(`/${module}'`)) users.push(text);
  }
  if (users.length === 0) {
    return [
      `nothing in ${folder} imports ${list}; where the other collectors are listed, add:\nimport { added } from './${module}';\n...added,`,
    ];
  }
  if (!hasSource || users.some((text) => text.includes(addedSources))) return [];
  return [
    `so that /probe can read its source, add to the exporter in ${folder}:\nimport { ${addedSources} } from './${module}';\nprobes: [...${addedSources}],`,
  ];
}

async function addDependency(
  about: ExporterFile,
  workspace: Workspace,
  base: Map<string, string>,
  changes: Map<string, Change>,
  { folder, manifest }: Project,
): Promise<void> {
  const path = 'package.json';
  const before = await bytesOf(join(workspace.root, folder, path));
  const was = base.get(path);
  if (before === undefined || was === undefined) return;
  const kept = rangesOf(manifest, was);
  const theirs = Buffer.from(
    withPackages(new Map([[path, encode(was)]]), about, workspace, kept).get(path) ?? was,
  ).toString();
  const merged = mergeJson(was, plain(Buffer.from(before).toString()), theirs);
  if (merged === undefined)
    throw new UserError(`${folder}/${path} already has these dependencies, with other versions.`);
  const fresh = (await formatted(new Map([[path, encode(merged)]]), workspace.root)).get(path)!;
  const after = endedBytes(fresh, before);
  base.set(path, theirs);
  changes.set(`${folder}/${path}`, { before, after });
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
