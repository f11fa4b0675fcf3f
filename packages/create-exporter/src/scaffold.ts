import { checkAnswers } from './ask/answers.ts';
import { locked } from './disk/lock.ts';
import { commit, recover } from './disk/transaction.ts';
import { changesOf, type Plan, plan } from './plan/create.ts';
import { openRepository } from './workspace/workspace.ts';

/** Arguments of {@link scaffold}. */
export interface ScaffoldOptions {
  /** A folder of `templates/`, such as `scrape-exporter`. */
  readonly template: string;
  /** In kebab-case, without the template's suffix: `acme-queue` becomes `acme-queue-exporter`. */
  readonly name: string;
  /** In prose; by default the name's words, capitalized. */
  readonly title?: string;
  /** The responsible team or person. */
  readonly owner?: string;
  /** Default: the lowest one free in the workspace. */
  readonly port?: number | 'auto';
  /** Deployments, joined by commas; default: all of the template's. */
  readonly deploy?: string;
  /** The workspace that holds `templates/`. */
  readonly root: string;
  /** The project's folder, absolute, below the root; by default `apps/<package name>`. */
  readonly into?: string;
}

/**
 * Writes one project, completely or not at all. Installs nothing and does not touch the lockfile.
 *
 * @example
 * const { directory, port } = await scaffold({ template: 'scrape-exporter', name: 'acme-queue', root });
 * @throws UserError if it is not possible; nothing is left behind. Its `exitCode` tells wrong usage from a failure.
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
