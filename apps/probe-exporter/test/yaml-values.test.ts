import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPeer, needPeers, runProgram } from 'test-servers';
import { afterAll, expect, it } from 'vitest';
import { type Field, fields, yamlValues } from './yaml-values.ts';

// We and a real blackbox_exporter accept and reject the same values in the same fields.

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'yaml-values-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, modules: readonly string[]): string {
  const file = join(folder, `${name}.yml`);
  writeFileSync(file, ['modules:', ...modules.map((module, i) => `  m${i}: ${module}`), ''].join('\n'));
  return file;
}

const expected = ({ taken, refused }: Field): string[] =>
  yamlValues.filter((value) => taken?.includes(value) ?? !refused?.includes(value));

it.each(fields)('$what', async (field) => {
  const file = fileOf(
    'ours',
    yamlValues.map((value) => field.module.replace('@', value)),
  );
  const { stdout, stderr } = await runProgram([main, '--config.check', `--config.file=${file}`]);
  const refused = new Set(
    [...`${stdout}${stderr}`.matchAll(/:(\d+): modules\.m(\d+)\b/g)].map(([, line, i]) => {
      expect(Number(line)).toBe(Number(i) + 2);
      return yamlValues[Number(i)];
    }),
  );
  expect(yamlValues.filter((value) => !refused.has(value))).toEqual(expected(field));
});

const blackbox = needPeers('blackbox_exporter') ? findPeer('blackbox_exporter') : undefined;

/** Whether blackbox_exporter accepts a file with these modules; it stops at the first error. */
async function accepts(name: string, modules: readonly string[]): Promise<boolean> {
  const file = fileOf(name, modules);
  const { code } = await runProgram(['--config.check', `--config.file=${file}`], { command: blackbox! });
  return code === 0;
}

it.skipIf(blackbox === undefined).each(fields)(
  '$what, by blackbox_exporter',
  async (field) => {
    const moduleOf = (value: string): string => field.module.replace('@', value);
    const accepted = expected(field);
    expect(await accepts('accepted', accepted.map(moduleOf))).toBe(true);
    const rejected = yamlValues.filter((value) => !accepted.includes(value));
    for (const value of rejected) expect([value, await accepts('rejected', [moduleOf(value)])]).toEqual([value, false]);
  },
  60_000,
);
