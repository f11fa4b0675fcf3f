import { join } from 'node:path';
import { type ExporterFile, exporterFileName } from './exporter-file.ts';
import { formatted } from './format.ts';
import { spellings } from './names.ts';
import { placeholder } from './placeholder.ts';
import { checkPort, freePort } from './ports.ts';
import { Refusal } from './refusal.ts';
import { renamer } from './rename.ts';
import { render } from './render.ts';
import type { Answers } from './schema.ts';
import { listTemplates, templateFiles, templateNamed } from './templates.ts';
import { inventory } from './workspace.ts';
import { refuseExisting } from './write.ts';

/** Everything that is going to be written, known before anything is. */
export interface Plan {
  /** Where it goes, absolute. */
  readonly directory: string;
  readonly packageName: string;
  readonly template: string;
  readonly port?: number;
  /** What to type next, from the workspace's root. */
  readonly next: readonly string[];
  /** Relative path, with `/`, to content, sorted by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Works out a project from answers, and checks that there is room for it: folder, package name and port.
 *
 * @param into the project's folder; by default `apps/<package name>` of the workspace.
 * @throws Refusal when it can't be made, saying why.
 */
export async function plan(root: string, answers: Answers, into?: string): Promise<Plan> {
  const template = templateNamed(answers.template, await listTemplates(root));
  const used = await inventory(root);
  if (template.port === undefined && answers.port !== 'auto') {
    throw new Refusal(`--port: a ${template.name} listens on no port; leave it out.`, 64);
  }
  const port = template.port === undefined ? undefined : portFor(answers, used.ports);
  const names = spellings(answers.name, answers.title);
  const tokens = port === undefined ? {} : { [String(template.port)]: String(port) };
  const rename = renamer(spellings(placeholder), names, tokens);

  const packageName = rename(template.packageName);
  const directory = into ?? join(root, template.into, packageName);
  await refuseExisting(directory);
  const owner = used.packages.get(packageName);
  if (owner !== undefined) throw new Refusal(`package ${packageName} exists, in ${owner}; choose another name.`);

  const files = render(await templateFiles(template), rename);
  const about: ExporterFile = {
    template: template.name,
    version: template.version,
    name: answers.name,
    ...(port === undefined ? {} : { port }),
    answers: {
      template: answers.template,
      name: answers.name,
      title: names.title,
      ...(port === undefined ? {} : { port: answers.port }),
    },
  };
  files.set(exporterFileName, new TextEncoder().encode(`${JSON.stringify(about, undefined, 2)}\n`));
  return {
    directory,
    packageName,
    template: template.name,
    ...(port === undefined ? {} : { port }),
    next: template.next.map(rename),
    files: new Map([...(await formatted(files, root))].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function portFor(answers: Answers, taken: ReadonlyMap<number, string>): number {
  return answers.port === 'auto' ? freePort(taken) : checkPort(answers.port, taken);
}
