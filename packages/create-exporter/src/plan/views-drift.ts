import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ownPaths } from '../project/own-files.ts';
import { isView } from '../project/views.ts';

/** Exit code of a program's `views --check` for files that differ. */
const DIFFERS = 2;
const LONGEST_MS = 30_000;

/**
 * What is wrong with a project's views, as its own program says: none for a project without the command, or whose build is older
 * than its sources. Its tests compare them as well.
 */
export async function viewsDrift(root: string, script: string | undefined): Promise<string[]> {
  const program = /\bnode (\S+\.js) views (\S+)$/.exec(script ?? '');
  if (program === null) return [];
  const [, main, views] = program as unknown as [string, string, string];
  const paths = await ownPaths(root);
  const built = await changedAt(join(root, main));
  const sources = paths.filter((path) => !isView(path) && /^(src\/|package\.json$)/.test(path));
  const changed = await Promise.all(sources.map((path) => changedAt(join(root, path))));
  if (built === undefined || changed.some((at) => at !== undefined && at > built)) return [];
  const { code, said } = await run(root, [main, 'views', '--check', views]);
  if (code === 0) return [];
  const files = said
    .split('\n')
    .flatMap(
      (line) => /^(\S+ (?:differs|is missing|is no longer generated|was to be gone)\b.*)$/.exec(line)?.[1] ?? [],
    );
  if (code !== DIFFERS || files.length === 0)
    return [`its command "views --check" fails: ${said.trim().split('\n')[0]}`];
  return files.map((file) => `${file.replace(/ \(- as it is.*/, '')}; run: npm run views`);
}

const changedAt = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );

function run(
  cwd: string,
  args: readonly string[],
): Promise<{ readonly code: number | undefined; readonly said: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { cwd, timeout: LONGEST_MS, encoding: 'utf8' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      resolve({ code, said: stdout + stderr });
    });
  });
}
