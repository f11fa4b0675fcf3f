import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { cli, emptyFolder } from './bed.ts';

// What a new project gets, and its owner is told, for the place it stands in. Nothing is installed here.

const places: readonly {
  readonly what: string;
  readonly files: { readonly [path: string]: string };
  readonly agent?: string;
  readonly says: readonly string[];
  readonly extra?: string;
}[] = [
  { what: 'an empty folder', files: {}, says: [] },
  {
    what: 'a workspace of pnpm that lists it',
    files: { 'pnpm-workspace.yaml': 'packages:\n  - work/*\n' },
    says: [
      'is a member of the workspace of',
      'pnpm --filter acme-queue-exporter',
      'deploy/compose.yaml: context: ../../..',
    ],
  },
  {
    what: 'a workspace of npm that lists it',
    files: { 'package.json': '{ "workspaces": ["work/*"] }', 'package-lock.json': '{}' },
    says: ['whose package-lock.json is its lockfile too', 'npm run build --workspace=acme-queue-exporter'],
  },
  {
    what: 'a workspace of bun that lists it',
    files: { 'package.json': '{ "workspaces": ["work/*"], "packageManager": "bun@1.3.0" }' },
    says: ['bun run --filter acme-queue-exporter build'],
  },
  {
    what: 'a workspace of pnpm that does not list it',
    files: { 'pnpm-workspace.yaml': 'packages:\n  - apps/*\n' },
    agent: 'pnpm/12.21.0 npm/? node/v24.0.0 linux x64',
    says: [],
    extra: 'pnpm-workspace.yaml',
  },
  {
    what: 'a workspace with a folder of templates that are not ours',
    files: { 'pnpm-workspace.yaml': 'packages:\n  - apps/*\n', 'templates/mail/body.html': '<p>' },
    says: [],
  },
];

it.each(places)('$what', async ({ files, agent, says, extra }) => {
  vi.stubEnv('npm_config_user_agent', agent);
  const root = await emptyFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await mkdir(join(root, 'work'), { recursive: true });
  const { code, out, err } = await cli(
    join(root, 'work'),
    'scrape-exporter',
    '--name=acme-queue',
    '--yes',
    '--no-install',
  );
  expect(code, err).toBe(0);
  expect(out).toMatch(/^Wrote acme-queue-exporter: /);
  for (const each of says) expect(out).toContain(each);
  if (says.length === 0) expect(out).not.toContain('Note:');
  const at = join(root, 'work/acme-queue-exporter');
  if (extra !== undefined) expect(await readFile(join(at, extra), 'utf8')).toBe('packages:\n  - .\n');
  // Its owner's from then on: no upgrade knows it.
  expect(await readFile(join(at, '.exporter.json'), 'utf8')).not.toContain('pnpm-workspace');
  const check = await cli(at, 'upgrade', '--check');
  expect(check.out + check.err).toContain('is up to date');
  for (const [path, text] of Object.entries(files)) expect(await readFile(join(root, path), 'utf8')).toBe(text);
});
