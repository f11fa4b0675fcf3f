import { readdir } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { Answers } from '../ask/answers.ts';
import { whatIs } from '../disk/disk.ts';
import { workFolderName } from '../disk/lock.ts';
import type { Changes } from '../disk/transaction.ts';
import { jsonFile } from '../json-file.ts';
import { clashIn } from '../names/clashes.ts';
import { placeholder, spellings } from '../names/names.ts';
import { renamer } from '../names/rename.ts';
import { bookkeeping } from '../project/bookkeeping.ts';
import { type ExporterFile, exporterFileName, exporterFileSchema } from '../project/exporter-file.ts';
import { atHome } from '../templates/standalone.ts';
import { projectTemplates, type Template, templateNamed } from '../templates/templates.ts';
import { UserError } from '../user-error.ts';
import { refuseCollisions } from '../workspace/collisions.ts';
import { type Inventory, inventory } from '../workspace/inventory.ts';
import { shapesIn } from '../workspace/metric-shapes.ts';
import { checkPort, freePort } from '../workspace/ports.ts';
import { bareName, type Shared } from '../workspace/shared.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { renderProject, templateOf } from './render.ts';
import { repositoryFiles } from './repository-files.ts';

/** Everything that will be written. */
export interface Plan {
  /** Where it goes, absolute. */
  readonly directory: string;
  /** The same, relative to the workspace's root, with `/`. */
  readonly folder: string;
  readonly packageName: string;
  readonly template: string;
  readonly port?: number;
  /** The shared package whose collectors it serves, in place of its own. */
  readonly pair?: string;
  /** Commands to run next. */
  readonly next: readonly string[];
  /** Whether a run that was killed before it could report it has created it already. */
  readonly resumed: boolean;
  /** Relative path, with `/`, to content, sorted by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Plans a project from answers, and checks that nothing is taken: folder, package, image, namespace, port, metrics.
 *
 * @param into the project's folder, absolute; by default `apps/<package name>` of the workspace.
 * @param unfinished folders that a killed run wrote without finishing.
 * @throws UserError naming what is taken or invalid.
 */
export async function plan(
  workspace: Workspace,
  answers: Answers,
  into?: string,
  unfinished: readonly string[] = [],
): Promise<Plan> {
  const template = templateNamed(answers.template, projectTemplates(workspace.templates));
  checkFor(template, answers);
  const packageName = renamer(spellings(placeholder), spellings(answers.name))(template.packageName);
  const home = workspace.kind === 'repository' ? join(workspace.root, template.into) : workspace.root;
  const directory = into ?? join(home, packageName);
  const folder = relative(workspace.root, directory).split(sep).join('/');
  if (isAbsolute(folder) || folder.startsWith('..'))
    throw new UserError(`${directory} is not inside ${workspace.root}.`);
  // Of a folder that was there before, its files were added.
  const isUnfinished = unfinished.some((each) => each === folder || each.startsWith(`${folder}/`));
  const used = await inventory(workspace, isUnfinished ? [folder] : []);
  const pair = pairOf(template, answers, workspace);
  const about = aboutOf(template, answers, used, pair);
  const { names, rename } = templateOf(about, workspace.templates);
  const there = isUnfinished ? await jsonFile(join(directory, exporterFileName), exporterFileSchema) : undefined;
  const resumed = there !== undefined && JSON.stringify(there.answers) === JSON.stringify(about.answers);
  if (!resumed) {
    const clash = clashIn(await template.files(), rename);
    if (clash !== undefined) {
      const { path, identifier } = clash;
      throw new UserError(`--name: ${path} already uses the identifier ${identifier}; add a word to the name.`, 64);
    }
    await refuseOccupied(directory);
  }
  refuseCollisions({ packageName, namespace: names.snake, shapes: [] }, used, pair?.folder);
  const rendered = await renderProject(about, workspace);
  const shapes = [...rendered]
    .filter(([path]) => path.endsWith('.prom'))
    .flatMap(([, bytes]) => shapesIn(String(Buffer.from(bytes))));
  refuseCollisions({ packageName, namespace: names.snake, shapes }, used, pair?.folder);
  const repository = await repositoryFiles(directory, workspace.bundle?.repository ?? {}, rendered.has('Dockerfile'));
  const next = template.next.map(rename);
  return {
    directory,
    folder,
    packageName,
    template: template.name,
    resumed,
    ...(pair === undefined ? {} : { pair: pair.name }),
    ...(about.port === undefined ? {} : { port: about.port }),
    next:
      workspace.kind === 'repository'
        ? next
        : [...(into === undefined ? [`cd ${folder}`] : []), ...next.map((line) => atHome(line, packageName))],
    files: new Map([...rendered, ...repository, ...bookkeeping(about, rendered)].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** What stands in a fresh clone, or in a folder that an editor has opened. */
const harmless = /^(\.git|\.gitattributes|\.github|\.gitlab-ci\.yml|\.idea|\.vscode|\.DS_Store|LICEN[CS]E.*)$/;

/** @throws UserError if a project's folder is there with something in it. */
async function refuseOccupied(directory: string): Promise<void> {
  const kind = await whatIs(directory);
  if (kind === undefined) return;
  if (kind !== 'folder')
    throw new UserError(`${directory} exists; existing files are not overwritten. Choose another name.`);
  const found = (await readdir(directory)).filter((name) => !harmless.test(name) && name !== workFolderName).sort();
  if (found.length === 0) return;
  const some = found.length > 3 ? [...found.slice(0, 3), '…'] : found;
  throw new UserError(
    `${directory} exists and is not empty (${some.join(', ')}); existing files are not overwritten. Move them away, or choose another name.`,
  );
}

/** @throws UserError for an answer that this template does not use. */
function checkFor(template: Template, { port, deploy }: Answers): void {
  if (template.port === undefined && port !== 'auto') {
    throw new UserError(`--port: a ${template.name} does not listen on a port; omit the flag.`, 64);
  }
  const ways = Object.keys(template.deploy);
  const unknown = deploy.split(',').find((way) => way !== 'all' && way !== 'none' && !ways.includes(way));
  if (unknown === undefined) return;
  const known = ways.length === 0 ? `a ${template.name} has none; omit the flag` : `choose from ${ways.join(', ')}`;
  throw new UserError(`--deploy: ${JSON.stringify(unknown)} is not one of its deployments; ${known}.`, 64);
}

/** The shared package of a new project's name: `collector-acme-queue`, for the exporter `acme-queue`. */
const pairOf = (template: Template, { name }: Answers, { shared }: Workspace): Shared | undefined =>
  template.paired === undefined ? undefined : shared.find((each) => bareName(each.name) === name);

function aboutOf(template: Template, answers: Answers, used: Inventory, pair: Shared | undefined): ExporterFile {
  const { name, owner, kit } = answers;
  const port = template.port === undefined ? undefined : portFor(answers, used);
  return {
    template: template.name,
    version: template.version,
    name,
    ...(port === undefined ? {} : { port }),
    ...(owner === '' ? {} : { owner }),
    answers: {
      template: template.name,
      name,
      title: spellings(name, answers.title).title,
      owner,
      ...(port === undefined ? {} : { port: answers.port }),
      ...(Object.keys(template.deploy).length === 0 ? {} : { deploy: answers.deploy }),
      ...(kit === undefined ? {} : { kit }),
      ...(pair === undefined ? {} : { collectors: pair.name }),
    },
    ...(pair === undefined ? {} : { additions: { [pair.name]: { package: pair.name } } }),
  };
}

const portFor = ({ port }: Answers, { ports }: Inventory): number =>
  port === 'auto' ? freePort(ports) : checkPort(port, ports);

/** A plan as changes of the workspace. */
export const changesOf = ({ folder, files }: Plan): Changes => ({
  files: new Map([...files].map(([path, after]) => [`${folder}/${path}`, { after }])),
});
