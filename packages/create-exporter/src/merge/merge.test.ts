import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergeJson } from './json.ts';
import { mergeLines, mergeText } from './text.ts';

const base = 'one\ntwo\nthree\nfour\nfive\n';

it.each([
  ['git', 'git'],
  ['our own', 'there-is-no-such-program'],
])('keeps both sides, with %s merge', async (_, git) => {
  const mine = base.replace('one', 'ONE');
  const other = base.replace('five', 'FIVE\nsix');
  expect(await mergeText(base, mine, other, git)).toEqual({ text: 'ONE\ntwo\nthree\nfour\nFIVE\nsix\n', conflicts: 0 });
  const clash = await mergeText(base, base.replace('three', 'mine'), base.replace('three', 'theirs'), git);
  expect(clash).toEqual({
    conflicts: 1,
    text: 'one\ntwo\n<<<<<<< yours\nmine\n=======\ntheirs\n>>>>>>> template, as it is\nfour\nfive\n',
  });
  const gone = await mergeText(base, '', base.replace('two', '2'), git);
  expect(gone.conflicts).toBe(1);
  expect(await mergeText('a', 'a', 'b', git)).toEqual({ text: 'b', conflicts: 0 });
});

const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 8 }).map((lines) => lines.join(''));

it('a side that changed nothing gives way, and two that changed alike agree', () => {
  fc.assert(
    fc.property(text, text, (was, is) => {
      expect(mergeLines(was, was, is)).toEqual({ text: is, conflicts: 0 });
      expect(mergeLines(was, is, was)).toEqual({ text: is, conflicts: 0 });
      expect(mergeLines(was, is, is)).toEqual({ text: is, conflicts: 0 });
    }),
  );
});

it('where it sees no conflict, git sees none that it resolves otherwise', async () => {
  execFileSync('git', ['--version']);
  await fc.assert(
    fc.asyncProperty(text, text, text, async (was, mine, other) => {
      const [own, git] = [mergeLines(was, mine, other), await mergeText(was, mine, other)];
      const lines = (merged: string): string[] => merged.split('\n').sort();
      if (own.conflicts === 0 && git.conflicts === 0) expect(lines(own.text)).toEqual(lines(git.text));
    }),
    { numRuns: 40, seed: 1 },
  );
});

it('merges package.json by key', () => {
  const json = (dependencies: object, rest = {}): string => JSON.stringify({ name: 'a', dependencies, ...rest });
  const merged = mergeJson(
    json({ b: '1', d: '1' }),
    json({ b: '1', c: '1', d: '1' }),
    json({ b: '2', d: '1', e: '1' }),
  );
  expect(Object.entries(JSON.parse(merged!).dependencies)).toEqual(Object.entries({ b: '2', c: '1', d: '1', e: '1' }));
  expect(mergeJson(json({ b: '1' }), json({ b: '2' }), json({ b: '3' }))).toBeUndefined();
  expect(JSON.parse(mergeJson(json({ b: '1' }), json({}), json({ b: '1' }, { x: [1] }))!)).toEqual({
    name: 'a',
    dependencies: {},
    x: [1],
  });
  expect(mergeJson('{}', '{', '{}')).toBeUndefined();
});

it.each([
  ['tabs', '{\n\t"files": ["a", "b"],\n\t"dependencies": {\n\t\t"b": "1"\n\t}\n}\n', '\t'],
  ['four spaces', '{\n    "files": ["a", "b"],\n    "dependencies": {\n        "b": "1"\n    }\n}', '    '],
])('keeps the layout of ours: %s', (_, ours, indent) => {
  const base = JSON.stringify({ files: ['a', 'b'], dependencies: { b: '1' } });
  const theirs = JSON.stringify({ files: ['a', 'b'], dependencies: { a: '2', b: '1', c: '3' }, x: { y: 1 } });
  const merged = mergeJson(base, ours, theirs)!;
  const lines = ['"a": "2",', '"b": "1",', '"c": "3"'].map((line) => `${indent}${indent}${line}\n`).join('');
  expect(merged.trimEnd()).toBe(
    `{\n${indent}"files": ["a", "b"],\n${indent}"dependencies": {\n${lines}${indent}},\n${indent}"x": {\n${indent}${indent}"y": 1\n${indent}}\n}`,
  );
  expect(merged.endsWith('\n')).toBe(ours.endsWith('\n'));
});
