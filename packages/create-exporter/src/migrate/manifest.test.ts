import { expect, it } from 'vitest';
import { withDependency } from './manifest.ts';

const added = (text: string): string | undefined => {
  const done = withDependency(new TextEncoder().encode(text), 'exporter-kit', '1');
  return done && Buffer.from(done).toString();
};

it.each([
  [
    'before the next one',
    '{\n  "name": "a",\n  "dependencies": {\n    "a": "1",\n    "z": "1"\n  }\n}\n',
    '{\n  "name": "a",\n  "dependencies": {\n    "a": "1",\n    "exporter-kit": "1",\n    "z": "1"\n  }\n}\n',
  ],
  [
    'as the last one',
    '{\n\t"dependencies": {\n\t\t"a": "1"\n\t},\n\t"x": {}\n}',
    '{\n\t"dependencies": {\n\t\t"a": "1",\n\t\t"exporter-kit": "1"\n\t},\n\t"x": {}\n}',
  ],
  ['on one line', '{ "dependencies": { "a": "1" } }', '{ "dependencies": { "a": "1", "exporter-kit": "1" } }'],
  ['into an empty list', '{ "dependencies": {} }', '{ "dependencies": { "exporter-kit": "1" } }'],
  [
    'into a list of its own',
    '{\n    "name": "a"\n}\n',
    '{\n    "name": "a",\n    "dependencies": {\n        "exporter-kit": "1"\n    }\n}\n',
  ],
  [
    'beside another list of that name',
    '{\n  "tool": { "dependencies": { "x": "1" } }\n}\n',
    '{\n  "tool": { "dependencies": { "x": "1" } },\n  "dependencies": {\n    "exporter-kit": "1"\n  }\n}\n',
  ],
  [
    'after another list of that name',
    '{ "tool": { "dependencies": { "x": "1" } }, "dependencies": { "z": "1" } }',
    '{ "tool": { "dependencies": { "x": "1" } }, "dependencies": { "exporter-kit": "1", "z": "1" } }',
  ],
  [
    'where it has to be laid out anew',
    '{ "tool": { "dependencies": { "x": "1" } }, "dependencies": { "a": "1" } }',
    `${JSON.stringify({ tool: { dependencies: { x: '1' } }, dependencies: { a: '1', 'exporter-kit': '1' } }, null, 2)}\n`,
  ],
])('adds a dependency %s', (_, before, after) => {
  expect(added(before)).toBe(after);
});

it('leaves one that is there', () => {
  expect(added('{ "devDependencies": { "exporter-kit": "2" } }')).toBeUndefined();
});
