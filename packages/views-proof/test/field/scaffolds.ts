import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { scaffold } from 'create-exporter';
import { runProgram } from 'test-servers';
import type { Viewed } from './programs.ts';
import { root } from './repository.ts';

/** Templates of whole projects, with what the program of a scaffold called `proof-…` is called. */
const templates = {
  'command-exporter': (name: string) => `${name}_exporter`,
  'file-exporter': (name: string) => `${name}_exporter`,
  'instrumented-app': (name: string) => `${name}_app`,
  'probe-exporter': (name: string) => `${name}_prober`,
  'push-job': (name: string) => name,
  'scrape-exporter': (name: string) => `${name}_exporter`,
} as const;

export type Template = keyof typeof templates;

/** Scaffolds a project from each template, builds it, and has it write its views. */
export async function scaffolds(): Promise<{ readonly [template in Template]: Viewed }> {
  const names = Object.keys(templates) as Template[];
  const made: [Template, Viewed][] = [];
  // One at a time: each needs the workspace for itself.
  for (const template of names) made.push([template, await project(template)]);
  await Promise.all(made.map(([, viewed]) => build(viewed)));
  return Object.fromEntries(made) as { [template in Template]: Viewed };
}

async function project(template: Template): Promise<Viewed> {
  const name = `proof-${template.split('-')[0]}`;
  const folder = join(root, '.proof', template);
  await rm(folder, { recursive: true, force: true });
  await scaffold({ template, name, root, into: folder });
  // It is outside the workspace, so it uses its template's dependencies.
  await symlink(join(root, 'templates', template, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return { name: templates[template](name.replaceAll('-', '_')), folder };
}

async function build({ folder }: Viewed): Promise<void> {
  for (const args of [
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    ['dist/main.js', 'views', 'views'],
  ]) {
    const { code, stdout, stderr } = await runProgram(args, { cwd: folder });
    if (code !== 0) throw new Error(`${args.join(' ')} in ${folder} ended with ${code}:\n${stdout}${stderr}`);
  }
}
