import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { golden } from './golden.ts';

let folder: string;
let file: URL;

beforeEach(() => {
  vi.stubEnv('UPDATE_GOLDEN', '');
  folder = mkdtempSync(join(tmpdir(), 'golden-'));
  file = pathToFileURL(join(folder, 'some golden.prom'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function shown(expected: string, actual: string): string {
  writeFileSync(file, expected);
  try {
    golden(actual, file);
  } catch (error) {
    return (error as Error).message.split('\n\n')[1]!;
  }
  return '';
}

it('accepts the same text', () => {
  expect(shown('a\nb\n', 'a\nb\n')).toBe('');
});

it('shows what changed', () => {
  expect(shown('a\nb\nc\nd\ne\n', 'a\nb\nc\nx\ne\n')).toBe('line 4:\n  b\n  c\n- d\n+ x');
});

it('shows what came and went, each in its place', () => {
  expect(shown('a\nb\nc\nd\n', 'new\na\nb\nd\n')).toBe('line 1:\n+ new\nline 3:\n  a\n  b\n- c');
});

it('shows a line feed that is missing at the end', () => {
  expect(shown('a\n', 'a')).toBe('line 2:\n  a\n- ');
});

it('shows the beginning of much', () => {
  const many = (word: string): string => Array.from({ length: 1000 }, (_, i) => `${word}${i}\n`).join('');
  const diff = shown(many('old'), many('new'));
  expect(diff.split('\n')).toHaveLength(27);
  expect(diff).toContain('- old11\n- … and 989 more\n+ new0\n');
  const every = shown(many('old'), many('old').replaceAll(/\d*5\n/g, 'x\n'));
  expect(every.split('\n').at(-1)).toBe('… and more');
});

it('names the file, and says how to update it', () => {
  writeFileSync(file, 'a\n');
  expect(() => golden('b\n', file)).toThrow(/some golden\.prom differs:[\s\S]*run this test with UPDATE_GOLDEN=1/);
});

it('says how to make a file that is not there', () => {
  expect(() => golden('a\n', file)).toThrow(
    /some golden\.prom cannot be read; to create it, run this test with UPDATE_GOLDEN=1/,
  );
});

it('writes the file when it is told to', () => {
  vi.stubEnv('UPDATE_GOLDEN', '1');
  golden('a\n', file);
  expect(readFileSync(file, 'utf8')).toBe('a\n');
});
