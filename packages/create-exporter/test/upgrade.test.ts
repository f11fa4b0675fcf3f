import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';
import { describe, expect, it } from 'vitest';
import { cli, commitAll, edit, look, workspace } from './bed.ts';
import { formerTemplate, olderTemplate } from './old-template.ts';

const app = 'apps/acme-queue-exporter';

/** Puts today's template in the place of an earlier one. */
async function replaceTemplate(root: string, name: string): Promise<void> {
  const today = fileURLToPath(new URL(`../../../templates/${name}`, import.meta.url));
  const filter = (path: string): boolean => !/node_modules|dist|\.turbo/.test(path.slice(today.length));
  await rm(join(root, 'templates', name), { recursive: true });
  await cp(today, join(root, 'templates', name), { recursive: true, filter });
}

/** A project of the older template, committed; the templates are those of today again. */
async function outdated(
  change: (root: string) => Promise<void> = async () => {},
  older: (root: string) => Promise<void> = olderTemplate,
): Promise<string> {
  const root = await workspace();
  await older(root);
  const made = await cli(root, 'scrape-exporter', '--name=acme-queue', '--yes', '--no-install');
  expect(made).toMatchObject({ code: 0, err: '' });
  await change(root);
  await replaceTemplate(root, 'scrape-exporter');
  commitAll(root);
  return root;
}

const upgrade = (root: string, ...args: string[]) => cli(root, 'upgrade', 'acme-queue', '--no-install', ...args);

it('makes an untouched project what would be scaffolded today', async () => {
  const root = await outdated();
  expect(await upgrade(root)).toMatchObject({ code: 0, err: '' });
  const fresh = await workspace();
  await cli(fresh, 'scrape-exporter', '--name=acme-queue', '--yes', '--no-install');
  expect(await look(join(root, app))).toEqual({ ...(await look(join(fresh, app))) });
});

it('keeps edits, keeps deletions, adds, removes, moves; and a second time changes nothing', async () => {
  const root = await outdated(async (at) => {
    await edit(at, `${app}/src/acme-queue.ts`, (text) => text.replace('Items, by state.', 'Items of ours.'));
    await edit(at, `${app}/test/golden.prom`, (text) => text.replace('Items, by state.', 'Items of ours.'));
    await edit(at, `${app}/README.md`, (text) => text.replace('# Acme Queue exporter', '# Our exporter'));
    await edit(at, `${app}/package.json`, (text) => text.replace('"zod"', '"mine": "1.0.0",\n    "zod"'));
    await edit(at, `${app}/docs/older.md`, () => 'ours\n');
    await writeFile(
      join(at, app, 'src/mine.ts'),
      "export const file = new URL('../sample/reply.json', import.meta.url);\n",
    );
    await rm(join(at, app, 'tsconfig.build.json'));
    await mkdir(join(at, app, 'views'));
    await writeFile(join(at, app, 'views/METRICS.md'), 'as the program wrote it\n');
  });
  const check = await upgrade(root, '--check');
  expect(check.code).toBe(2);
  const before = await look(root);
  const dry = await upgrade(root, '--dry-run');
  expect(dry.out).toContain(`+++ b/${app}/src/added.ts\n`);
  expect(dry.out).not.toContain('write its views again');
  expect(await look(root)).toEqual(before);

  const { code, out, err } = await upgrade(root);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const files = await look(join(root, app));
  expect(files['src/acme-queue.ts']).toContain('Items of ours.');
  expect(files['test/golden.prom']).toBeUndefined();
  expect(files['test/acme-queue.prom']).toContain('Items of ours.');
  expect(files['README.md']).toMatch(/# Our exporter[\s\S]*## Quick start[\s\S]*sample\/acme-queue\.json/);
  expect(files['src/added.ts']).toContain('added: Collector[] = []');
  expect(files['src/main.ts']).toContain('...added');
  expect(files['src/mine.ts']).toContain('../sample/acme-queue.json');
  expect(files['docs/old.md']).toBeUndefined();
  expect(files['docs/older.md']).toBe('ours\n');
  expect(files['tsconfig.build.json']).toBeUndefined();
  expect(Object.keys(JSON.parse(files['package.json']!).dependencies)).toEqual(expect.arrayContaining(['mine', 'zod']));
  expect(out).toMatch(/codemod {3}test\/golden\.prom/);
  expect(files['views/METRICS.md']).toBe('as the program wrote it\n');
  expect(out).toContain(`npm run views --prefix ${app}`);

  commitAll(root);
  const after = await look(root);
  expect(await upgrade(root)).toEqual({ code: 0, out: `${app} is up to date.\n`, err: '' });
  expect((await upgrade(root, '--check')).code).toBe(0);
  expect(await look(root)).toEqual(after);
});

it('follows <namespace>_up in rules and dashboards, and nowhere else', async () => {
  const root = await outdated(async (at) => {
    await writeFile(
      join(at, app, 'deploy/rules.yml'),
      [
        'expr: acme_queue_up == 0',
        'expr: acme_queue_up{job="q"} < 1 and my_acme_queue_up == 1 and acme_queue_up_since > 0',
        'expr: avg_over_time(acme_queue_up{job="q"}[5m]) < 1',
        '',
      ].join('\n'),
    );
    await writeFile(join(at, app, 'deploy/board.json'), '{ "expr": "acme_queue_up{job=\\"q\\"}" }\n');
    await writeFile(join(at, app, 'src/mine.ts'), "export const name = 'acme_queue_up';\n");
  });
  const { out } = await upgrade(root);
  expect(out).toMatch(/codemod {3}rules and dashboards use the success of collectors instead of <namespace>_up/);
  const files = await look(join(root, app));
  expect(files['deploy/rules.yml']).toBe(
    [
      'expr: min without (collector) (acme_queue_scrape_collector_success) == 0',
      'expr: min without (collector) (acme_queue_scrape_collector_success{job="q"}) < 1 and my_acme_queue_up == 1 and acme_queue_up_since > 0',
      'expr: avg_over_time(acme_queue_scrape_collector_success{job="q"}[5m]) < 1',
      '',
    ].join('\n'),
  );
  const { expr } = JSON.parse(files['deploy/board.json']!);
  expect(expr).toBe('min without (collector) (acme_queue_scrape_collector_success{job="q"})');
  expect(files['src/mine.ts']).toContain('acme_queue_up');
});

it('marks what both changed, as git does, and says so', async () => {
  const root = await outdated((at) => edit(at, `${app}/README.md`, (text) => text.replace('## Start', '## Our start')));
  const { code, out } = await upgrade(root, '--json');
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({ ok: false, conflicts: [`${app}/README.md`] });
  expect(await readFile(join(root, app, 'README.md'), 'utf8')).toMatch(
    /<<<<<<< yours\n## Our start\n=======\n## Quick start\n>>>>>>> template, as it is\n/,
  );
  expect((await cli(root, 'doctor')).out).toMatch(/README\.md has an unresolved conflict/);
  commitAll(root);
  expect((await upgrade(root)).out).toContain('up to date');
});

it('goes by --all, and only where git could bring back what is there', async () => {
  const root = await outdated();
  await cli(root, 'push-job', '--name=nightly', '--yes', '--no-install');
  await writeFile(join(root, app, 'new.txt'), '');
  const refused = await cli(root, 'upgrade', '--all', '--no-install');
  expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/not committed: \?\? .*new\.txt/) });
  const done = await cli(root, 'upgrade', '--all', '--no-install', '--allow-dirty');
  expect(done.code).toBe(0);
  expect(done.out).toMatch(/acme-queue-exporter was upgraded:[\s\S]*nightly-job is up to date/);
});

it.each([
  [['upgrade'], 64, /missing: <project>/],
  [['upgrade', 'nobody'], 64, /no project "nobody"\. Known are: apps\/acme-queue-exporter/],
  [['upgrade', 'acme-queue', '--all'], 64, /mutually exclusive/],
  [['upgrade', 'a', 'b'], 64, /"b" is an unexpected argument/],
])('%j: exit %i', async (args, code, message) => {
  const root = await outdated();
  expect(await cli(root, ...args)).toMatchObject({ code, err: expect.stringMatching(message) });
});

it('says which file is missing or broken', async () => {
  const root = await outdated();
  await writeFile(join(root, app, '.exporter-base.patch'), 'diff --git a/x b/x\nnonsense\n');
  expect(await upgrade(root)).toMatchObject({ code: 1, err: expect.stringMatching(/base\.patch:1 was edited/) });
  await rm(join(root, app, '.exporter-base.patch'));
  expect(await upgrade(root)).toMatchObject({ code: 1, err: expect.stringMatching(/base\.patch is missing/) });
});

/** A project of version 3, committed, whose collector was a function of a URL; the templates are those of today again. */
async function ofVersion3(change: (root: string) => Promise<void> = async () => {}): Promise<string> {
  return outdated(change, (root) => formerTemplate(root, 'scrape-exporter', 3));
}

it('lists the sources of added collectors for /probe, beside collectors of the user', async () => {
  const root = await workspace();
  const main = 'templates/file-exporter/src/main.ts';
  await edit(root, main, (text) => text.replace(', addedSources', '').replace('  probes: addedSources,\n', ''));
  await edit(root, 'templates/file-exporter/template.json', (text) => text.replace('"version": 3', '"version": 2'));
  expect((await cli(root, 'file-exporter', '--name=spool', '--yes', '--no-install')).code).toBe(0);
  const own = 'apps/spool-exporter/src/main.ts';
  await edit(root, own, (text) => text.replace(', nodeRuntime()', ', other(), nodeRuntime()'));
  await replaceTemplate(root, 'file-exporter');
  commitAll(root);
  const { code, out } = await cli(root, 'upgrade', 'spool', '--no-install');
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('/probe reads the sources of added') });
  const text = (await look(join(root, 'apps/spool-exporter')))['src/main.ts'];
  expect(text).toContain("import { added, addedSources } from './added.ts';");
  expect(text).toMatch(/other\(\), nodeRuntime\(\), \.\.\.added\],\n {2}probes: addedSources,\n\}\);/);
});

/** A project with a collector that was added when those read by themselves. */
async function withOldCollector(change: (root: string) => Promise<void> = async () => {}): Promise<string> {
  const root = await workspace();
  await formerTemplate(root, 'add-collector', 1);
  for (const args of [
    'scrape-exporter --name=acme-queue --yes',
    'add collector streams --to=acme-queue --allow-dirty',
  ]) {
    expect((await cli(root, ...args.split(' '), '--no-install')).code).toBe(0);
  }
  await edit(root, `${app}/deploy/systemd/acme-queue-exporter.service`, (text) =>
    text.replace('dist/main.js', 'dist/main.js --collector.streams.source=http://q/'),
  );
  await change(root);
  await replaceTemplate(root, 'add-collector');
  commitAll(root);
  return root;
}

it('moves an added collector to a source of its own', async () => {
  const root = await withOldCollector();
  const { code, out } = await upgrade(root);
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/codemod {3}streams reads by a source/) });
  const files = await look(join(root, app));
  expect(files['src/streams.ts']).toMatch(/export const streamsSource = source\(\{\n {2}name: 'streams',/);
  expect(files['src/streams.ts']).toContain("name: 'acme_queue_streams_up'");
  expect(files['deploy/systemd/acme-queue-exporter.service']).toContain('main.js --streams.url=http://q/');
  commitAll(root);
  expect((await upgrade(root)).out).toContain('is up to date');
});

it('leaves an added collector that was edited as it is, and says what to do', async () => {
  const root = await withOldCollector((at) =>
    edit(at, `${app}/src/streams.ts`, (text) => text.replace('items.set(', 'items.set(1 + ')),
  );
  const before = await look(join(root, app));
  const { code, out } = await upgrade(root);
  expect(code).toBe(0);
  expect(out).toMatch(/To do by hand in apps\/acme-queue-exporter: src\/streams\.ts was edited/);
  const after = await look(join(root, app));
  const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
  expect(changed.sort()).toEqual(['.exporter-base.patch', '.exporter.json']);
});

it('moves an untouched project of version 3 to a source', async () => {
  const root = await ofVersion3();
  const { code, out } = await upgrade(root);
  expect(code).toBe(0);
  expect(out).toMatch(/codemod {3}reads its server by a source/);
  expect(out).not.toContain('by hand');
  const fresh = await workspace();
  await cli(fresh, 'scrape-exporter', '--name=acme-queue', '--yes', '--no-install');
  expect(await look(join(root, app))).toEqual(await look(join(fresh, app)));
});

it("moves a project to a source with the user's metrics, schema, collectors and settings of its deployments", async () => {
  const root = await ofVersion3(async (at) => {
    await edit(at, `${app}/src/acme-queue.ts`, (text) =>
      text
        .replace('Items, by state.', 'Items of ours.')
        .replace(
          '      oldest: gauge({',
          "      mine: gauge({ name: 'acme_queue_mine', help: 'Mine.' }),\n      oldest: gauge({",
        )
        .replace('{ items, handled, oldest }', '{ items, handled, oldest, mine }')
        .replace('      handled.set(', '      mine.set(reply.mine);\n      handled.set('),
    );
    await edit(at, `${app}/src/reply.ts`, (text) => text.replace('  handled: z', '  mine: z.number(),\n  handled: z'));
    await edit(at, `${app}/src/main.ts`, (text) => text.replace(', nodeRuntime()', ', other(), nodeRuntime()'));
    await edit(at, `${app}/test/acme-queue.prom`, (text) => text.replace('Items, by state.', 'Items of ours.'));
    await edit(at, `${app}/deploy/k8s/deployment.yaml`, (text) =>
      text.replace(
        '          ports:',
        '            - { name: ACME_QUEUE_EXPORTER_SOURCE, value: "http://q/status" }\n          ports:',
      ),
    );
    await edit(at, `${app}/deploy/systemd/acme-queue-exporter.service`, (text) =>
      text.replace('dist/main.js', 'dist/main.js --source=http://q/status'),
    );
  });
  const { code, out } = await upgrade(root);
  expect(code).toBe(0);
  expect(out).not.toContain('by hand');
  const files = await look(join(root, app));
  expect(files['src/config.ts']).toBeUndefined();
  const collector = files['src/acme-queue.ts'];
  expect(collector).toContain("help: 'Items of ours.'");
  expect(collector).toContain("    mine: gauge({ name: 'acme_queue_mine', help: 'Mine.' }),\n");
  expect(collector).toContain('  source: acmeQueueSource,\n');
  expect(collector).toContain(
    '  collect({ items, handled, oldest, mine }, { reading: reply }) {\n    for (const state of states) items.set({ state }, reply.items[state]);\n    mine.set(reply.mine);\n',
  );
  expect(files['src/reply.ts']).toMatch(/ {2}mine: z\.number\(\),\n[\s\S]*export const parseReply/);
  expect(files['src/main.ts']).toContain(
    '  collectors: [acmeQueueCollector, other(), nodeRuntime(), ...added],\n  probes: [acmeQueueSource, ...addedSources],\n',
  );
  expect(files['test/acme-queue.prom']).toMatch(/acme_queue_up 1\n[\s\S]*Items of ours\./);
  expect(files['deploy/k8s/deployment.yaml']).toContain('ACME_QUEUE_EXPORTER_ACME_QUEUE_URL');
  expect(files['deploy/systemd/acme-queue-exporter.service']).toContain('--acme_queue.url=http://q/status\n');
  for (const [path, text] of Object.entries(files)) if (path.endsWith('.ts')) parseAst(text, { lang: 'ts' });
});

it.each<[what: string, change: (root: string) => Promise<unknown>]>([
  [
    'another setting',
    (at) =>
      edit(at, `${app}/src/config.ts`, (text) => text.replace('  source: z', '  other: z.string(),\n  source: z')),
  ],
  [
    'another way to fetch',
    (at) => edit(at, `${app}/src/reply.ts`, (text) => text.replace('{ signal })', '{ signal, redirect: "error" })')),
  ],
  [
    'two fetches',
    (at) =>
      edit(at, `${app}/src/acme-queue.ts`, (text) =>
        text.replace('      handled.set(', '      await fetchReply(source, signal);\n      handled.set('),
      ),
  ],
  [
    'another main',
    (at) => edit(at, `${app}/src/main.ts`, (text) => text.replace('new URL(source)', 'new URL(source.trim())')),
  ],
  [
    'tests',
    (at) =>
      edit(at, `${app}/src/acme-queue.test.ts`, (text) => text.replace("it('reads over HTTP'", "it('reads by HTTP'")),
  ],
  [
    'a file that fetches',
    (at) => writeFile(join(at, app, 'src/mine.ts'), "export { fetchReply } from './reply.ts';\n"),
  ],
  [
    'a layout of its own',
    (at) => edit(at, `${app}/src/acme-queue.ts`, (text) => text.replace("'Items, by state.'", '`Items,\n  by state.`')),
  ],
])('leaves a project with %s as it is, and says what to do', async (_, change) => {
  const root = await ofVersion3(async (at) => {
    await change(at);
    await edit(at, `${app}/README.md`, (text) => text.replace('# Acme Queue exporter', '# Our exporter'));
  });
  const before = await look(join(root, app));
  const { code, out } = await upgrade(root);
  expect(code).toBe(0);
  expect(out).toMatch(/To do by hand in apps\/acme-queue-exporter: src\/ was edited[\s\S]*`source: acmeQueueSource`/);
  expect(out).not.toContain('codemod');
  const after = await look(join(root, app));
  const changed = Object.keys({ ...before, ...after }).filter((path) => after[path] !== before[path]);
  expect(changed.sort()).toEqual(['.exporter-base.patch', '.exporter.json']);
  commitAll(root);
  expect((await upgrade(root)).out).toBe(`${app} is up to date.\n`);
  expect((await cli(root, 'doctor')).out).not.toContain('is behind its template');
});

it.each([
  ['untouched', false],
  ['edited', true],
])('a package of version 1 that is %s', async (_, edited) => {
  const root = await workspace();
  await formerTemplate(root, 'collector', 1);
  expect(await cli(root, 'collector', '--name=acme-queue', '--yes', '--no-install')).toMatchObject({ code: 0 });
  const folder = 'packages/collector-acme-queue';
  if (edited) {
    await edit(root, `${folder}/src/acme-queue.ts`, (text) => text.replace('Items, by state.', 'Items of ours.'));
  }
  await replaceTemplate(root, 'collector');
  commitAll(root);
  const before = await look(join(root, folder));
  const { code, out } = await cli(root, 'upgrade', folder, '--no-install');
  expect(code).toBe(0);
  const after = await look(join(root, folder));
  const changed = Object.keys({ ...before, ...after }).filter((path) => after[path] !== before[path]);
  if (edited) {
    expect(out).toMatch(/To do by hand in packages\/collector-acme-queue: src\/ was edited/);
    expect(changed.sort()).toEqual(['.exporter-base.patch', '.exporter.json']);
  } else {
    expect(out).toMatch(/codemod {3}exports a source/);
    const fresh = await workspace();
    await cli(fresh, 'collector', '--name=acme-queue', '--yes', '--no-install');
    expect(after).toEqual(await look(join(fresh, folder)));
  }
});

describe('an application of version 2', () => {
  const counting = 'apps/acme-queue-app';

  /** Committed, with today's template. */
  async function ofVersion2(change: (root: string) => Promise<unknown> = async () => {}): Promise<string> {
    const root = await workspace();
    await formerTemplate(root, 'instrumented-app', 2);
    const made = await cli(root, 'instrumented-app', '--name=acme-queue', '--yes', '--no-install');
    expect(made).toMatchObject({ code: 0 });
    await change(root);
    await replaceTemplate(root, 'instrumented-app');
    commitAll(root);
    return root;
  }

  it('counts without prom-client if it is untouched', async () => {
    const root = await ofVersion2();
    const { code, out } = await upgrade(root);
    expect(code).toBe(0);
    expect(out).toMatch(/codemod {3}counts without prom-client/);
    expect(out).not.toContain('by hand');
    const fresh = await workspace();
    await cli(fresh, 'instrumented-app', '--name=acme-queue', '--yes', '--no-install');
    expect(await look(join(root, counting))).toEqual(await look(join(fresh, counting)));
  });

  it('keeps handlers, dependencies and prose of its own', async () => {
    const root = await ofVersion2(async (at) => {
      await edit(at, `${counting}/src/routes.ts`, (text) =>
        text.replace("['2', 'a rocket'],", "['2', 'a rocket skate'],"),
      );
      await edit(at, `${counting}/package.json`, (text) =>
        text.replace('"exporter-kit"', '"mine": "1.0.0",\n    "exporter-kit"'),
      );
      await edit(at, `${counting}/README.md`, (text) => text.replace('# Acme Queue application', '# Our shop'));
    });
    const { code, out } = await upgrade(root);
    expect(code).toBe(0);
    expect(out).not.toContain('by hand');
    const files = await look(join(root, counting));
    expect(files['src/routes.ts']).toMatch(/a rocket skate[\s\S]*metrics\.lookups\.inc/);
    expect(Object.keys(JSON.parse(files['package.json']!).dependencies)).toEqual(['mine', 'exporter-kit']);
    expect(files['README.md']).toContain('# Our shop');
    expect(files['src/counted.ts']).toBeUndefined();
  });

  it.each<[what: string, change: (root: string) => Promise<unknown>]>([
    [
      'a metric',
      (at) =>
        edit(at, `${counting}/src/metrics.ts`, (text) =>
          text.replace(
            '    durations: new',
            "    mine: new Counter({ name: 'mine_total', help: 'Mine.', registers }),\n    durations: new",
          ),
        ),
    ],
    [
      'a file that counts',
      (at) => writeFile(join(at, counting, 'src/mine.ts'), "export { register } from 'prom-client';\n"),
    ],
    [
      'a rule',
      (at) => writeFile(join(at, counting, 'deploy/rules.yml'), 'expr: rate(acme_queue_http_requests_total[5m]) > 9\n'),
    ],
    [
      'another way to count',
      (at) => edit(at, `${counting}/src/counted.ts`, (text) => text.replace("'none'", "'other'")),
    ],
    ['tests', (at) => edit(at, `${counting}/src/server.test.ts`, (text) => text.replace('/items/2?x=y', '/items/2'))],
  ])('stays as it is with %s of its own, and says what to do', async (_, change) => {
    const root = await ofVersion2(change);
    const before = await look(join(root, counting));
    const { code, out } = await upgrade(root);
    expect(code).toBe(0);
    expect(out).toMatch(/To do by hand in apps\/acme-queue-app: src\/ was edited[\s\S]*the page "From prom-client"/);
    const after = await look(join(root, counting));
    const changed = Object.keys({ ...before, ...after }).filter((path) => after[path] !== before[path]);
    expect(changed.sort()).toEqual(['.exporter-base.patch', '.exporter.json']);
  });
});
