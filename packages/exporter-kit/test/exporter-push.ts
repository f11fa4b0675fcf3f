import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, type Program, runProgram, startProgram } from 'test-servers';
import { onTestFinished } from 'vitest';
import { parseText } from '../src/parse/index.ts';

/** The program as it is shipped. */
export const program = fileURLToPath(new URL('../dist/exporter-push.js', import.meta.url));

/** Runs it, with `input` as standard input: nothing, text, or all that a shell command writes. */
export async function exporterPush(
  args: readonly string[],
  { input, from, env = {} }: { input?: string | Uint8Array; from?: string; env?: Record<string, string> } = {},
): Promise<Exit> {
  if (from !== undefined) return shell(`${from} | "$NODE" "$PROGRAM" "$@"`, args, env);
  if (input === undefined) return runProgram([program, ...args], { env });
  const file = join(await folder(), 'input');
  await writeFile(file, input);
  return shell(`"$NODE" "$PROGRAM" "$@" < '${file}'`, args, env);
}

function shell(script: string, args: readonly string[], env: Record<string, string>): Promise<Exit> {
  const names = { NODE: process.execPath, PROGRAM: program };
  return runProgram(['-c', script, 'sh', ...args], { command: 'sh', env: { ...env, ...names } });
}

/** Starts it around a shell script, and waits until that has written `until`. */
export function started(args: readonly string[], script: string, until: RegExp): Promise<Program> {
  return startProgram([program, ...args, '--', 'sh', '-c', script], { until });
}

/** A folder for one test. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'exporter-push-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** The values in a textfile of the job "test", by family. */
export async function written(directory: string): Promise<Record<string, number | undefined>> {
  const families = parseText(await readFile(join(directory, 'test.prom'), 'utf8'));
  return Object.fromEntries(families.map(({ name, samples }) => [name, samples[0]?.value]));
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
