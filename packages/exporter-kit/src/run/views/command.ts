import { relative } from 'node:path';
import type { DeclaredProgram } from '../../views/declared.ts';
import { overdueIn } from '../../views/lock/overdue.ts';
import { difference } from '../../views/text-difference.ts';
import { viewFiles } from '../../views/view-files.ts';
import { print } from '../process/process.ts';
import { UsageError } from '../usage-error.ts';
import { diffLocks, EXIT_DRIFT } from './diff.ts';
import { recordedExamples } from './examples.ts';
import { compareFolder, type ViewsFolder, writeAll } from './files.ts';

/** What the command line asks for. */
export interface ViewsRequest {
  readonly action: 'write' | 'check' | 'diff' | 'help';
  /** The folder; for `diff` the older lock, or a folder that has one. */
  readonly path: string;
  /** The program's own flags. */
  readonly flags: readonly string[];
}

export const viewsHelp = (program: string): string => `usage: ${program} views DIRECTORY [flags]
       ${program} views --check DIRECTORY [flags]
       ${program} views diff OLD [flags]

Writes what can be generated from the declared metrics into a folder, and asks no source for it: a page about all metrics, a
dashboard for Grafana, alerts with their tests, scrape configurations for Prometheus and its operator, and a lock of names, types and labels. --check compares instead, and exits with
2 if a file differs, or a metric is still there that this version was to be without. diff compares the metrics with an older metrics.lock.json, or with the one of a folder, and exits with 3 if
a change breaks expressions.

Flags of the program, as --help lists them, decide which collectors are included. They come last.
`;

/**
 * Reads the words behind `views`.
 *
 * @throws UsageError if the folder is missing.
 */
export function viewsRequest(words: readonly string[]): ViewsRequest {
  if (words.some((word) => word === '--help' || word === '-h')) return { action: 'help', path: '', flags: [] };
  const rest = words.filter((word) => word !== '--check');
  const isDiff = rest[0] === 'diff';
  const [path, ...flags] = isDiff ? rest.slice(1) : rest;
  const isCheck = rest.length < words.length;
  if (path === undefined || path === '' || path.startsWith('-')) {
    const what = isDiff ? 'OLD, a metrics.lock.json or its folder' : 'DIRECTORY';
    throw new UsageError(`views${isDiff ? ' diff' : ''}: ${what} is missing; flags come after it. See views --help.`);
  }
  if (isDiff && isCheck) throw new UsageError('views: --check and diff exclude each other; leave one out.');
  return { action: isDiff ? 'diff' : isCheck ? 'check' : 'write', path, flags };
}

/**
 * The command `views` of a program.
 *
 * @param words what follows `views`.
 * @param declared what the program declares under its flags.
 * @returns the exit code.
 * @throws UsageError for wrong usage; Error if a file can't be read or written, and then nothing has changed.
 */
export async function viewsCommand(
  name: string,
  words: readonly string[],
  declared: (flags: readonly string[]) => Promise<DeclaredProgram>,
): Promise<number> {
  const { action, path, flags } = viewsRequest(words);
  if (action === 'help') return printed(viewsHelp(name));
  const program = await declared(flags);
  if (action === 'diff') {
    const { text, exitCode } = await diffLocks(path, program);
    return printed(text, exitCode);
  }
  const files = viewFiles(program, { examples: await recordedExamples(path) });
  const folder = await compareFolder(path, files);
  if (action === 'write') return printed(await written(path, files, folder));
  const drift = driftOf(path, files, folder);
  const again = drift.length === 0 ? [] : [`To write them again: ${thisCommand()} views ${path}`];
  const findings = [...drift, ...again, ...overdueIn(program)];
  if (findings.length === 0) return printed(`${path}: ${files.size} files are as the program declares\n`);
  return printed(`${findings.join('\n')}\n`, EXIT_DRIFT);
}

async function printed(text: string, exitCode = 0): Promise<number> {
  await print(text);
  return exitCode;
}

/** How this program was called. */
function thisCommand(): string {
  const script = relative(process.cwd(), process.argv[1] ?? '');
  return `node ${script}`;
}

/** Writes what differs; @returns what to say about it. */
export async function written(path: string, files: ReadonlyMap<string, string>, folder: ViewsFolder): Promise<string> {
  const inTheWay = [...folder.found].flatMap(([name, found]) =>
    found.is === 'foreign' ? [`${path}/${name} ${found.why}`] : [],
  );
  if (inTheWay.length > 0) {
    throw new Error(`${inTheWay.join(', ')}; move it away, or name another folder. Nothing was written.`);
  }
  const changed = new Map([...files].filter(([name]) => folder.found.get(name)!.is !== 'same'));
  if (changed.size > 0) await writeAll(path, changed);
  const lines = [...changed.keys()].map((name) => `${path}/${name}\n`);
  const stale = folder.stale.map((name) => `${path}/${name} is no longer generated; remove it\n`);
  return [...lines, ...stale, `${changed.size} of ${files.size} files written\n`].join('');
}

/** What a folder lacks, or has too much, a paragraph for each file. */
export function driftOf(path: string, files: ReadonlyMap<string, string>, { found, stale }: ViewsFolder): string[] {
  const drift: string[] = [];
  for (const [name, one] of found) {
    const file = `${path}/${name}`;
    if (one.is === 'missing') drift.push(`${file} is missing`);
    if (one.is === 'foreign') drift.push(`${file} ${one.why}; move it away`);
    if (one.is === 'different') {
      drift.push(`${file} differs (- as it is, + as declared):\n${difference(one.text, files.get(name)!)}`);
    }
  }
  return [...drift, ...stale.map((name) => `${path}/${name} is no longer generated; remove it`)];
}
