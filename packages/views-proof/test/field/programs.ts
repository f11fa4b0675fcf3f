import { join } from 'node:path';
import { type Program, startProgram } from 'test-servers';
import { root } from './repository.ts';
import type { Stops } from './stops.ts';

/** A program of this repository, or a scaffold. */
export interface Viewed {
  /** Name of the program, and of its job. */
  readonly name: string;
  /** Folder with `dist` and `views`. */
  readonly folder: string;
}

export interface Running extends Program {
  /** With a slash at its end. */
  readonly url: string;
}

export const app = (folder: string, name = folder.replaceAll('-', '_')): Viewed => ({
  name,
  folder: join(root, 'apps', folder),
});

export const template = (folder: string, name = 'acme_widget_exporter'): Viewed => ({
  name,
  folder: join(root, 'templates', folder),
});

/** Starts it on a free port. */
export async function started(stops: Stops, { folder }: Viewed, ...flags: string[]): Promise<Running> {
  const main = join(folder, 'dist/main.js');
  const program = await startProgram([main, '--web.listen-address=127.0.0.1:0', ...flags], {
    until: /address=(\S+)/,
    // Ten start at once.
    timeoutMs: 180_000,
  });
  return stops.add({ ...program, url: program.match[1]! });
}
