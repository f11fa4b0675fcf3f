import { createTwoFilesPatch } from 'diff';
import type { Change } from '../disk/transaction.ts';
import { baseFileName } from '../project/base-file.ts';
import { textOf } from '../project/bookkeeping.ts';

/** The changes as a unified diff for `git apply`; without the base, which repeats it. */
export function unifiedDiff(changes: ReadonlyMap<string, Change>): string {
  const parts: string[] = [];
  for (const [path, { before, after }] of changes) {
    if (path.endsWith(baseFileName)) continue;
    const [old, fresh] = [before, after].map((bytes) => (bytes === undefined ? '' : textOf(bytes)));
    const [from, to] = [
      before === undefined ? '/dev/null' : `a/${path}`,
      after === undefined ? '/dev/null' : `b/${path}`,
    ];
    parts.push(`diff --git a/${path} b/${path}\n`);
    if (before === undefined) parts.push('new file mode 100644\n');
    if (after === undefined) parts.push('deleted file mode 100644\n');
    if (old === undefined || fresh === undefined) parts.push(`Binary files ${from} and ${to} differ\n`);
    else if (old !== fresh) {
      // Its first line is not part of git's format.
      const patch = createTwoFilesPatch(from, to, old, fresh, undefined, undefined, { context: 3 });
      parts.push(patch.slice(patch.indexOf('--- ')));
    }
  }
  return parts.join('');
}
