import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { baseFileText, parseBaseFile } from './base-file.ts';

const path = fc.stringMatching(/^[a-z.][a-z0-9.-]{0,8}(\/[a-z][a-z0-9 .-]{0,8}){0,2}$/);
const line = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '',
    '+x',
    '-x',
    '--- /dev/null',
    '@@ -0,0 +1,3 @@',
    'diff --git a/x b/x',
    '\\ No newline at end of file',
    'a\r',
  ),
);
const content = fc.array(line).map((lines) => lines.join('\n'));

it('reads back what it wrote, whatever that is', () => {
  fc.assert(
    fc.property(fc.dictionary(path, content), (files) => {
      const all = new Map(Object.entries(files));
      expect(parseBaseFile(baseFileText(all), 'x')).toEqual(all);
    }),
    { numRuns: 500 },
  );
});

it('is a patch that git applies', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'base-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = new Map([
    ['a.ts', 'one\n\n  three\n'],
    ['deep/b', '+no newline'],
    ['empty', ''],
  ]);
  await writeFile(join(folder, 'base.patch'), baseFileText(files));
  execFileSync('git', ['apply', 'base.patch'], { cwd: folder });
  for (const [name, text] of files) expect(await readFile(join(folder, name), 'utf8')).toBe(text);
});

it.each(['+one\n', 'x\n@@'])('says where it was edited: %j', (edit) => {
  const text = baseFileText(new Map([['a', 'one\ntwo\n']])).replace('+one\n', edit === '+one\n' ? '' : edit);
  expect(() => parseBaseFile(text, 'apps/a/.exporter-base.patch')).toThrow(
    /apps\/a\/.exporter-base.patch:\d+ was edited/,
  );
});
