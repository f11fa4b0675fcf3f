import { open, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isLegacyName } from '../../metric/escape.ts';
import type { Examples } from '../../views/documents/example.ts';

// Where golden files are, beside the folder of the views.
const FOLDERS = ['test', 'golden'];
const MOST_FILES = 100;
const MOST_BYTES = 2 ** 20;
const LONGEST_LINE = 200;

/** Sample lines from the golden files (`.prom`) of the project that a folder of views belongs to. */
export async function recordedExamples(views: string): Promise<Examples> {
  const project = dirname(resolve(views));
  const examples = new Map<string, string>();
  for (const folder of FOLDERS) {
    const names = await readdir(join(project, folder)).catch(() => []);
    for (const name of names
      .filter((one) => one.endsWith('.prom'))
      .sort()
      .slice(0, MOST_FILES)) {
      for (const line of await linesOf(join(project, folder, name))) {
        const sample = /^[^\s{]+/.exec(line)?.[0];
        if (sample === undefined || !isLegacyName(sample) || line.length > LONGEST_LINE || examples.has(sample))
          continue;
        examples.set(sample, line);
      }
    }
  }
  return examples;
}

/** None for a file that can't be read, or is too large to be one. */
async function linesOf(path: string): Promise<readonly string[]> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return [];
  try {
    const about = await file.stat();
    if (!about.isFile() || about.size > MOST_BYTES) return [];
    return (await file.readFile('utf8')).split(/\r?\n/);
  } catch {
    return [];
  } finally {
    await file.close();
  }
}
