import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { placeholder, spellings } from '../src/names/names.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

it('lives in templates/ only, and where it is defined and tested', () => {
  const paths = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  const found = paths.split('\0').filter((path) => path !== '' && existsSync(join(root, path)) && holds(path));
  const elsewhere = found.filter((path) => !path.startsWith('templates/') && !expected.test(path));
  expect(elsewhere).toEqual([]);
  expect(found.some((path) => path.startsWith('templates/'))).toBe(true);
});

/** The generator itself, what tries templates beside real servers, the lockfile, and what keeps one from being published. */
const expected = /^(packages\/(create-exporter|views-proof)\/.*|pnpm-lock\.yaml|\.changeset\/config\.json)$/;

function holds(path: string): boolean {
  let text = `${path}\n${readFileSync(join(root, path), 'utf8')}`;
  // The demo depends on a template's package, by its name.
  if (path.startsWith('apps/demo/')) text = text.replaceAll(`${placeholder}-exporter`, '');
  return Object.values(spellings(placeholder)).some((spelling) => text.includes(spelling));
}
