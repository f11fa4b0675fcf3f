import { checkAnswers } from './ask/answers.ts';
import { locked } from './disk/lock.ts';
import { commit, recover } from './disk/transaction.ts';
import { changesOf, type Plan, plan } from './plan/create.ts';
import { openRepository } from './workspace/workspace.ts';

/** What {@link scaffold} takes. */
export interface ScaffoldOptions {
  /** A folder of `templates/`, such as `scrape-exporter`. */
  readonly template: string;
  /** In kebab-case, without what the template adds: `acme-queue` makes `acme-queue-exporter`. */
  readonly name: string;
  /** As people write it; by default the name's words, capitalized. */
  readonly title?: string;
  /** The team or person to ask. */
  readonly owner?: string;
  /** By default the lowest that is free in the workspace. */
  readonly port?: number | 'auto';
  /** Ways to deploy it, joined by commas; by default all the template has. */
  readonly deploy?: string;
  /** The workspace that holds `templates/`. */
  readonly root: string;
  /** The project's folder, absolute, below the root; by default `apps/<package name>`. */
  readonly into?: string;
}

/**
 * Writes one project, whole or not at all. It installs nothing and leaves the lockfile alone.
 *
 * @example
 * const { directory, port } = await scaffold({ template: 'scrape-exporter', name: 'acme-queue', root });
 * @throws UserError (its `exitCode` tells a bad request from a failure) when it can't be done; nothing is left behind.
 */
export async function scaffold(options: ScaffoldOptions): Promise<Plan> {
  const { root, into, ...raw } = options;
  const answers = checkAnswers(raw);
  return locked(root, async () => {
    await recover(root);
    const project = await plan(await openRepository(root), answers, into);
    const done = await commit(root, changesOf(project));
    await done.finish();
    return project;
  });
}
