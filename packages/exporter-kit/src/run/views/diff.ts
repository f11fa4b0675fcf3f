import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf } from '../../errors/thrown.ts';
import type { DeclaredProgram } from '../../views/declared.ts';
import { type Change, changesBetween, gravest, LEVELS, type Level } from '../../views/lock/difference.ts';
import { LOCK_FILE, lockOf, type MetricsLock } from '../../views/lock/lock.ts';
import { overdueIn } from '../../views/lock/overdue.ts';
import { readLock } from '../../views/lock/read-lock.ts';

/** Exit code for files that differ from what the program declares, as the generator's `doctor` has it. */
export const EXIT_DRIFT = 2;

/** Exit code for a breaking change: neither a failure (1) nor drift (2), so that CI can ask for a major version. */
export const EXIT_BREAKING = 3;

/** Compares what a program declares with an older lock. */
export async function diffLocks(
  old: string,
  program: DeclaredProgram,
): Promise<{ readonly text: string; readonly exitCode: number }> {
  const changes = changesBetween(await lockAt(old), lockOf(program));
  const overdue = overdueIn(program).map((one) => `overdue   ${one}\n`);
  const exitCode = gravest(changes) === 'breaking' ? EXIT_BREAKING : overdue.length > 0 ? EXIT_DRIFT : 0;
  return { text: [textOf(changes), ...overdue].join(''), exitCode };
}

/** @throws Error naming the file. */
async function lockAt(path: string): Promise<MetricsLock> {
  let file = path;
  try {
    if ((await stat(path)).isDirectory()) file = join(path, LOCK_FILE);
    return readLock(await readFile(file, 'utf8'));
  } catch (cause) {
    const unread = codeOf(cause) === undefined ? '' : 'cannot be read: ';
    throw new Error(`${file} ${unread}${messageOf(cause)}`, { cause });
  }
}

const versions: Readonly<Record<Level, string>> = {
  breaking: 'a major version: expressions that use these metrics may break',
  minor: 'a minor version',
  patch: 'a patch',
};

function textOf(changes: readonly Change[]): string {
  const level = gravest(changes);
  if (level === undefined) return 'no changes\n';
  const lines = LEVELS.flatMap((one) => changes.filter((change) => change.level === one)).map(
    (change) => `${change.level.padEnd(8)}  ${change.metric}: ${change.what}`,
  );
  return `${lines.join('\n')}\n\n${changes.length === 1 ? '1 change' : `${changes.length} changes`}: ${versions[level]}\n`;
}
