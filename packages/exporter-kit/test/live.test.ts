import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const dist = new URL('../dist/', import.meta.url);

/** Everything that a built file imports, and the files that it imports. */
function importsOf(file: string, seen: Set<string> = new Set()): Set<string> {
  for (const [, from] of readFileSync(new URL(file, dist), 'utf8').matchAll(/(?:from|import) ?"([^"]+)"/g)) {
    if (seen.has(from!)) continue;
    seen.add(from!);
    if (from!.startsWith('./')) importsOf(from!, seen);
  }
  return seen;
}

it('exporter-kit/live needs no package, and nothing that serves', () => {
  const imports = [...importsOf('live.js')].filter((from) => !from.startsWith('./'));
  expect(imports.filter((from) => !from.startsWith('node:'))).toEqual([]);
  expect(imports).not.toContain('node:http');
});
