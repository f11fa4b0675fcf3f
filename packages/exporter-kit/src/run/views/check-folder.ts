import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Exporter } from '../../collect/exporter.ts';
import type { Job } from '../../push/job.ts';
import { overdueIn } from '../../views/lock/overdue.ts';
import { viewFiles } from '../../views/view-files.ts';
import type { ViewsOptions } from '../check-views.ts';
import type { RunJobOptions } from '../run-job.ts';
import { driftOf, written } from './command.ts';
import { recordedExamples } from './examples.ts';
import { compareFolder } from './files.ts';
import { DEFAULTS, programOfExporter, programOfJob } from './program.ts';

/** See `checkViews`. */
export async function checkFolder(
  program: Exporter | Job,
  options: ViewsOptions | RunJobOptions,
  folder: URL,
): Promise<void> {
  const declared =
    'port' in options
      ? await programOfExporter(program as Exporter, options.port, DEFAULTS, options.served)
      : await programOfJob(program as Job, options as RunJobOptions, DEFAULTS);
  const path = relative(process.cwd(), fileURLToPath(folder)) || '.';
  const overdue = overdueIn(declared);
  if (overdue.length > 0) throw new Error(`${overdue.join('\n')}.`);
  const files = viewFiles(declared, { examples: await recordedExamples(path) });
  const there = await compareFolder(path, files);
  const isNew = [...there.found.values()].every(({ is }) => is === 'missing');
  if (isNew || process.env.UPDATE_GOLDEN === '1') {
    await written(path, files, there);
    return;
  }
  const drift = driftOf(path, files, there);
  if (drift.length === 0) return;
  throw new Error(`${drift.join('\n')}\n\nIf the change is intended, run this test with UPDATE_GOLDEN=1.`);
}
