import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { cli, edit, workspace } from './bed.ts';

async function two(): Promise<string> {
  const root = await workspace();
  await writeFile(join(root, 'pnpm-lock.yaml'), 'importers:\n  apps/a-exporter:\n  apps/b-exporter:\n');
  for (const name of ['a', 'b']) await cli(root, 'scrape-exporter', `--name=${name}`, '--yes', '--no-install');
  return root;
}

const ours = fileURLToPath(new URL('../../..', import.meta.url));

it('finds nothing in what was just scaffolded', async () => {
  expect(await cli(await two(), 'doctor')).toEqual({ code: 0, out: 'No problems found.\n', err: '' });
});

it('finds no drift, no clash and no gap in this repository', async () => {
  const { out } = await cli(ours, 'doctor', '--json');
  // What is still to be written about an app's metrics is that app's business.
  const findings = JSON.parse(out).findings.filter(({ kind }: { kind: string }) => kind !== 'docs');
  expect(findings).toEqual([]);
});

it.each<[what: string, harm: (root: string) => Promise<unknown>, finding: RegExp]>([
  [
    'one port twice',
    (r) => edit(r, 'apps/b-exporter/.exporter.json', (t) => t.replace('"port": 19101', '"port": 19100')),
    /apps\/a-exporter: port: port 19100 is also used by apps\/b-exporter/,
  ],
  [
    'one package twice',
    (r) => edit(r, 'apps/b-exporter/package.json', (t) => t.replace('b-exporter', 'a-exporter')),
    /package a-exporter is also used by apps\/b-exporter/,
  ],
  [
    'one namespace twice',
    (r) => edit(r, 'apps/b-exporter/.exporter.json', (t) => t.replace('"port"', '"namespace": "a",\n  "port"')),
    /metric namespace a is also used by/,
  ],
  [
    'a metric of two shapes',
    (r) =>
      edit(r, 'apps/b-exporter/test/b.prom', (t) => `${t}# HELP a_items Otherwise.\n# TYPE a_items gauge\na_items 1\n`),
    /a_items differs in apps\/b-exporter: help/,
  ],
  [
    'a stale template',
    (r) => edit(r, 'templates/scrape-exporter/README.md', (t) => `${t}more\n`),
    /a-exporter: stale: is behind/,
  ],
  [
    'a base that was edited',
    (r) => edit(r, 'apps/a-exporter/.exporter-base.patch', (t) => t.replace('+# A exporter', '+# Other')),
    /drift: README\.md differs/,
  ],
  ['no base', (r) => rm(join(r, 'apps/a-exporter/.exporter-base.patch')), /drift: .*patch is missing/],
  [
    'a conflict',
    (r) => edit(r, 'apps/a-exporter/README.md', (t) => `${t}<<<<<<< yours\n`),
    /drift: README\.md has an unresolved conflict/,
  ],
  [
    'an unknown template',
    (r) => edit(r, 'apps/a-exporter/.exporter.json', (t) => t.replace('"scrape-exporter"', '"gone"')),
    /no template "gone"/,
  ],
  [
    'no tests',
    (r) => Promise.all(['a', 'main', 'source'].map((name) => rm(join(r, `apps/a-exporter/src/${name}.test.ts`)))),
    /a-exporter: tests: has no test/,
  ],
  ['no README', (r) => rm(join(r, 'apps/a-exporter/README.md')), /a-exporter: docs: has no README/],
  [
    'a metric nobody explains',
    (r) => edit(r, 'apps/a-exporter/test/a.prom', (t) => `${t}a_more 1\n`),
    /docs: does not document a_more/,
  ],
  [
    'a project that is not in the lockfile',
    (r) => writeFile(join(r, 'pnpm-lock.yaml'), '  apps/b-exporter:\n'),
    /a-exporter: drift: is not in pnpm-lock/,
  ],
])('finds %s', async (_, harm, finding) => {
  const root = await two();
  await harm(root);
  const { code, out, err } = await cli(root, 'doctor');
  expect({ code, err }).toEqual({ code: 2, err: '' });
  expect(out).toMatch(finding);
});

it('refuses a metric that exists elsewhere with another shape', async () => {
  const root = await workspace();
  await mkdir(join(root, 'packages/c/test'), { recursive: true });
  await writeFile(join(root, 'packages/c/package.json'), '{"name":"c"}');
  await writeFile(join(root, 'packages/c/.exporter.json'), '{"template":null,"namespace":"c"}');
  const golden = (line: string) => writeFile(join(root, 'packages/c/test/c.prom'), line);
  const create = () => cli(root, 'scrape-exporter', '--name=queue', '--yes', '--no-install');
  await golden('# HELP queue_items Items, by state.\n# TYPE queue_items counter\nqueue_items{state="a"} 1\n');
  expect((await create()).err).toMatch(
    /metric queue_items already exists in packages\/c, but differs: type gauge here, counter there/,
  );
  await golden('# HELP queue_items Items, by state.\n# TYPE queue_items gauge\nqueue_items{state="a",node="b"} 1\n');
  expect((await create()).err).toMatch(/labels state here, node, state there/);
  await golden('# HELP queue_items Items, by state.\n# TYPE queue_items gauge\nqueue_items{state="a"} 1\n');
  expect((await create()).code).toBe(0);
});

it.each<[what: string, program: string, finding: RegExp | undefined]>([
  ['as they are declared', 'console.log("fine")', undefined],
  [
    'that differ, and a lock that is missing',
    'console.log("views/METRICS.md differs (- as it is, + as declared):\\nline 1:\\n- a\\n+ b\\nviews/metrics.lock.json is missing"); process.exit(2)',
    /drift: views\/METRICS\.md differs; run: npm run views\n.*drift: views\/metrics\.lock\.json is missing; run: npm run views\n/,
  ],
  ['whose program fails', 'console.error("no such option"); process.exit(1)', /"views --check" fails: no such option/],
])('asks a built program about its views: %s', async (_, program, finding) => {
  const root = await two();
  await mkdir(join(root, 'apps/a-exporter/dist'));
  const main = join(root, 'apps/a-exporter/dist/main.js');
  await writeFile(main, program);
  const { out } = await cli(root, 'doctor');
  if (finding === undefined) expect(out).toBe('No problems found.\n');
  else expect(out).toMatch(finding);
  // A build that is older than the sources says nothing about them.
  await utimes(main, 0, 0);
  expect((await cli(root, 'doctor')).out).toBe('No problems found.\n');
});
