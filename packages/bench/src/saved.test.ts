import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { judge } from './goals.ts';
import type { Result } from './result.ts';
import { rows } from './rows/list.ts';
import { save, savedIn } from './saved.ts';

const repeats = { rounds: 3, runs: 3, few: false };
const [row, other] = rows as [Result['row'], Result['row']];
const run = new Map([
  ['kit', { cpuMs: [1, 2] }],
  ['prom-client', { cpuMs: [8] }],
]);
const result: Result = { row, measured: run, verdicts: row.goals.map((goal) => judge(goal, [run])), missing: ['x'] };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-'));
  file = join(folder, 'figures.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('goes on with the figures of an interrupted bench', () => {
  save(file, [result], repeats);
  expect([...savedIn(file, rows, repeats)]).toEqual([[row, result]]);
});

it('measures everything if there is no file', () => {
  expect(savedIn(file, rows, repeats).size).toBe(0);
});

it('measures a row again that has failed', () => {
  save(file, [result, { ...result, row: other, failure: 'hung' }], repeats);
  expect([...savedIn(file, rows, repeats).keys()]).toEqual([row]);
});

it('refuses figures of other runs', () => {
  save(file, [result], { ...repeats, runs: 1 });
  expect(() => savedIn(file, rows, repeats)).toThrow(/--resume: .* other versions or runs; delete it, or name another/);
});
