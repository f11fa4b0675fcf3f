import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from './make-folder.ts';

let top = '';
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'make-folder-'));
});
afterEach(() => rmSync(top, { recursive: true }));

it('makes a folder and those that it is in, unless they are there', () => {
  const path = join(top, 'a', 'b', 'c');
  makeFolder(path, 0o700);
  makeFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  makeFolder(`${path}/`);
  symlinkSync(path, join(top, 'link'));
  makeFolder(join(top, 'link'));
  makeFolder(join(top, 'link', 'd'));
  expect(statSync(join(path, 'd')).isDirectory()).toBe(true);
});

it.each([
  ['a file', 'file', /file is not a folder$/],
  ['a path below a file', 'file/x/y', /ENOTDIR/],
  ['a link to nothing', 'dangling', /dangling is a link to nothing$/],
  ['a path below a link to nothing', 'dangling/x', /dangling is a link to nothing$/],
  ['a link to a file', 'to-file', /to-file is not a folder$/],
  ['a link to itself', 'loop', /loop is a link to nothing$/],
  ['a path below a link to itself', 'loop/x', /ELOOP/],
])('throws for %s', (_, path, message) => {
  writeFileSync(join(top, 'file'), '');
  symlinkSync(join(top, 'nowhere'), join(top, 'dangling'));
  symlinkSync(join(top, 'file'), join(top, 'to-file'));
  symlinkSync('loop', join(top, 'loop'));
  expect(() => makeFolder(join(top, path))).toThrow(message);
});

it.skipIf(process.platform !== 'linux')('throws where Node itself never returns', () => {
  expect(() => makeFolder('/proc/nope/x/y')).toThrow(/nothing can be made in \/proc$/);
});
