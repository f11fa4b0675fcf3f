import { type Plan, plan } from './plan.ts';
import { checkAnswers } from './schema.ts';
import { writeProject } from './write.ts';

/** What {@link scaffold} takes. */
export interface ScaffoldOptions {
  /** A folder of `templates/`, such as `scrape-exporter`. */
  readonly template: string;
  /** In kebab-case, without what the template adds: `acme-queue` makes `acme-queue-exporter`. */
  readonly name: string;
  /** As people write it; by default the name's words, capitalized. */
  readonly title?: string;
  /** By default the lowest that is free in the workspace. */
  readonly port?: number | 'auto';
  /** The workspace that holds `templates/`. */
  readonly root: string;
  /** The project's folder, absolute; by default `apps/<package name>` of the workspace. */
  readonly into?: string;
}

/**
 * Writes one project, whole or not at all. It installs nothing and leaves the lockfile alone.
 *
 * @example
 * const { directory, port } = await scaffold({ template: 'scrape-exporter', name: 'acme-queue', root });
 * @throws Refusal (its `exitCode` tells a bad request from a failure) when it can't be done; nothing is left behind.
 */
export async function scaffold(options: ScaffoldOptions): Promise<Plan> {
  const { root, into, ...raw } = options;
  const project = await plan(root, checkAnswers(raw), into);
  await writeProject(project.files, project.directory);
  return project;
}
