import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished } from 'vitest';
import { root } from './documents.ts';

export const exec = promisify(execFile);

/** The folder of a document's compiled snippets. */
export const folderOf = (name: string): string => join(inject('snippets'), name);

export interface Exit {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a compiled snippet in its folder to its end, whatever its exit code. */
export function runSnippet(
  document: string,
  file: string,
  args: readonly string[] = [],
  env: { readonly [name: string]: string } = {},
): Promise<Exit> {
  const cwd = folderOf(document);
  return exec(process.execPath, [join(cwd, file), ...args], { cwd, env: { ...process.env, ...env } }).then(
    (good) => ({ ...good, code: 0 }),
    (error: Exit) => error,
  );
}

/** Starts a compiled exporter on a port that the system chooses, and returns its address; it ends with the test. */
export async function startSnippet(document: string, file: string, args: readonly string[] = []): Promise<URL> {
  const cwd = folderOf(document);
  const flags = ['--web.listen-address=127.0.0.1:0', '--log.format=json', ...args];
  const program = spawn(process.execPath, [join(cwd, file), ...flags], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(async () => {
    if (program.exitCode === null && program.kill()) await once(program, 'exit');
  });
  let log = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  await expect.poll(() => log, { timeout: 50_000 }).toContain('"address"');
  return new URL(/"address":"([^"]+)"/.exec(log)![1]!);
}

/** Runs the tests among all snippets, and returns how many passed in each file, by its path; throws if one failed. */
export async function runSnippetTests(
  env: { readonly [name: string]: string },
  exclude: readonly string[],
): Promise<Map<string, number>> {
  const folder = inject('snippets');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const without = exclude.map((pattern) => `--exclude=${pattern}`);
  const args = [vitest, 'run', '--root', folder, '--reporter=json', ...without];
  const { stdout } = await exec(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', ...env },
  }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(failuresIn(error.stdout) || error.stderr);
  });
  const { testResults } = JSON.parse(stdout) as Report;
  return new Map(
    testResults.map(({ name, assertionResults }) => [
      name.slice(folder.length + 1),
      assertionResults.filter(({ status }) => status === 'passed').length,
    ]),
  );
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function failuresIn(json: string): string {
  if (!json.startsWith('{')) return json;
  const { testResults } = JSON.parse(json) as Report;
  return testResults
    .flatMap(({ name, message, assertionResults }) => [
      ...(message ? [`${name}: ${message}`] : []),
      ...assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) => `${name}: ${fullName}: ${failureMessages.join('\n')}`),
    ])
    .join('\n');
}
