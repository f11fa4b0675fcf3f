import { newNameOf } from '../../metric/renamed.ts';
import type { DeclaredProgram } from '../declared.ts';

/** Deprecated metrics that the program's version was to be without, as sentences. */
export function overdueIn({ version, groups }: DeclaredProgram): string[] {
  const metrics = new Map(groups.flatMap((group) => group.metrics).map((metric) => [metric.name, metric]));
  return [...metrics.values()].flatMap((metric) => {
    const until = metric.views?.deprecated?.until;
    if (until === undefined || !isReached(until, version)) return [];
    const newName = newNameOf(metric);
    const how = newName === undefined ? 'remove it' : `declare it as ${newName}`;
    return [`${metric.name} was to be gone in ${until}, and this is ${version}; ${how}, or move the date`];
  });
}

/** Whether a version is the other or a later one; pre-releases come before their release. Not if either is no version. */
function isReached(until: string, version: string): boolean {
  const [a, b] = [numbersIn(until), numbersIn(version)];
  if (a === undefined || b === undefined) return false;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (b[i] ?? 0) - (a[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return !/^[^+]*-/.test(version) || /^[^+]*-/.test(until);
}

function numbersIn(version: string): number[] | undefined {
  const numbers = /^v?(\d+(?:\.\d+)*)(?:[-+].*)?$/.exec(version)?.[1];
  return numbers?.split('.').map(Number);
}
