import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, commitAll, emptyFolder, look } from './bed.ts';

const manifest = '{ "name": "shop", "dependencies": { "prom-client": "^15.0.0" } }\n';
const metrics = `const { Counter } = require('prom-client');
exports.orders = new Counter({ name: 'shop_orders_total', help: 'Orders.', labelNames: ['country'] });
`;
const app = `const { register } = require('prom-client');
const { orders } = require('./metrics');

exports.order = (country) => orders.labels(country).inc();
exports.metrics = async (_request, response) => response.end(await register.metrics());
`;
const shop = { 'package.json': manifest, 'metrics.js': metrics, 'app.js': app };

/** A folder with an application, committed. */
async function application(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await emptyFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  commitAll(root);
  return root;
}

const migrate = (root: string, ...args: string[]) => cli(root, 'migrate', 'prom-client', ...args);

describe('what nobody asked for', () => {
  it.each<[string, string[], number, RegExp]>([
    ['no library', ['migrate'], 64, /missing: prom-client; the usage is/],
    ['another library', ['migrate', 'opentelemetry'], 64, /cannot migrate from "opentelemetry"/],
    ['two folders', ['migrate', 'prom-client', 'a', 'b'], 64, /"b" is an unexpected argument/],
    ['an unknown flag', ['migrate', 'prom-client', '--force'], 64, /Unknown option '--force'/],
    ['no such folder', ['migrate', 'prom-client', 'nowhere'], 1, /nowhere does not exist; name the folder/],
    ['a folder without package.json', ['migrate', 'prom-client', 'empty'], 1, /empty has no package\.json/],
    ['a file', ['migrate', 'prom-client', 'app.js'], 1, /app\.js has no package\.json/],
    ['a broken package.json', ['migrate', 'prom-client', 'broken'], 1, /broken\/package\.json is not JSON/],
    ['no prom-client', ['migrate', 'prom-client', 'other'], 1, /other uses prom-client; there is nothing to migrate/],
  ])('%s', async (_, args, code, message) => {
    const root = await application({
      ...shop,
      'empty/README.md': '',
      'broken/package.json': '{',
      'other/package.json': '{}',
      'other/index.js': 'console.log(1);\n',
    });
    const before = await look(root);
    expect(await cli(root, ...args)).toMatchObject({ code, err: expect.stringMatching(message) });
    expect(await look(root)).toEqual(before);
  });
});

it('prints a diff that git applies to the same files', async () => {
  const root = await application(shop);
  const before = await look(root);
  const dry = await migrate(root, '--dry-run');
  expect(dry.code).toBe(0);
  expect(dry.out).toMatch(/Would move 1 metric to live instruments:\n {2}metrics\.js:2 {2}shop_orders_total\n/);
  expect(await look(root)).toEqual(before);
  expect(await migrate(root)).toMatchObject({ code: 0 });
  const after = await look(root);
  expect(after['app.js']).toContain('orders.with({ country: String(country) }).inc();');
  const [diff = ''] = /diff --git[\s\S]*?(?=\n\nWould move)/.exec(dry.out) ?? [];
  for (const path of ['app.js', 'metrics.js', 'live-metrics.js', 'package.json']) expect(diff).toContain(`b/${path}\n`);
});

it('writes only what git could restore', async () => {
  const root = await application(shop);
  await writeFile(join(root, 'app.js'), `${app}\n// mine\n`);
  const refused = await migrate(root);
  expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/not committed: M app\.js/) });
  expect(Object.keys(await look(root))).not.toContain('live-metrics.js');
  expect(await migrate(root, '--allow-dirty')).toMatchObject({ code: 0 });
  expect(await readFile(join(root, 'app.js'), 'utf8')).toContain('// mine');
  await rm(join(root, '.git'), { recursive: true });
});

it('keeps line ends, marks and what it does not know', async () => {
  const files = Object.fromEntries(Object.entries(shop).map(([path, text]) => [path, text.replaceAll('\n', '\r\n')]));
  const root = await application({ ...files, 'app.js': `\uFEFF${files['app.js']}` });
  expect(await migrate(root)).toMatchObject({ code: 0 });
  for (const [path, text] of Object.entries(await look(root))) {
    expect([path, text.replaceAll('\r\n', '').includes('\n')]).toEqual([path, false]);
  }
  expect((await look(root))['app.js']!.startsWith('\uFEFFconst')).toBe(true);
});

it('adds to the file of an earlier run what has become movable', async () => {
  const root = await application({
    ...shop,
    'app.js': `${app}const { Gauge } = require('prom-client');\nexports.carts = (() => new Gauge({ name: 'shop_carts', help: 'Carts.' }))();\n`,
  });
  const first = await migrate(root);
  expect(first.out).toMatch(/app\.js:7 {2}shop_carts: it is created inside a function/);
  await writeFile(
    join(root, 'app.js'),
    (await readFile(join(root, 'app.js'), 'utf8')).replace(/\(\(\) => (new .*)\)\(\);/, '$1;'),
  );
  commitAll(root);
  const second = await migrate(root);
  expect(second).toMatchObject({ code: 0, out: expect.stringContaining('Moved 1 metric') });
  const live = await readFile(join(root, 'live-metrics.js'), 'utf8');
  expect(live).toMatch(/orders: counter\(\{[\s\S]*carts: gauge\(\{[\s\S]*shop\.carts\.set\(0\);/);
  expect(live).toContain("const { counter, gauge, live } = require('exporter-kit/live');");
  commitAll(root);
  expect((await migrate(root)).out).toMatch(/^Nothing was moved\./);
});

describe('moves nothing while', () => {
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'processes are joined by prom-client',
      { 'cluster.js': "const { AggregatorRegistry } = require('prom-client');\nnew AggregatorRegistry();\n" },
      /cluster\.js:2 {2}AggregatorRegistry: .* share\(\) and join\(\)/,
    ],
    [
      'a registry is pushed',
      { 'push.js': "const prom = require('prom-client');\nnew prom.Pushgateway('http://gateway');\n" },
      /push\.js:2 {2}Pushgateway/,
    ],
    [
      'a registry is given to another library',
      { 'other.js': "const prom = require('prom-client');\nrequire('bundle')({ registry: prom.register });\n" },
      /other\.js:2 {2}a registry is passed on/,
    ],
    [
      'metrics are read as JSON',
      { 'json.js': "const { register } = require('prom-client');\nregister.getMetricsAsJSON();\n" },
      /json\.js:2 {2}getMetricsAsJSON\(\)/,
    ],
    [
      'metrics are reset',
      { 'reset.js': "const { register } = require('prom-client');\nregister.resetMetrics();\n" },
      /reset\.js:2 {2}resetMetrics\(\) would not reset/,
    ],
    [
      'the registry serves OpenMetrics',
      {
        'open.js':
          "const { register, Registry } = require('prom-client');\nregister.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);\n",
      },
      /open\.js:2 {2}the registry serves OpenMetrics/,
    ],
    [
      'default labels are computed',
      {
        'labels.js': "const { register } = require('prom-client');\nregister.setDefaultLabels({ pid: process.pid });\n",
      },
      /labels\.js:2 {2}default labels are only known/,
    ],
    [
      'two registries are served',
      {
        'two.js':
          "const { Registry } = require('prom-client');\nconst own = new Registry();\nexports.text = () => own.metrics();\n",
      },
      /several registries/,
    ],
    ['nothing is served', { 'app.js': "exports.order = require('./metrics').orders;\n" }, /would be served nowhere/],
  ])('%s', async (_, files, why) => {
    const root = await application({ ...shop, ...files });
    const before = await look(root);
    const { code, out } = await migrate(root);
    expect(code).toBe(0);
    expect(out).toMatch(/^Nothing was moved\.\nNothing is moved as long as there is:\n/);
    expect(out).toMatch(why);
    expect(await look(root)).toEqual(before);
  });
});

it('serves an exporter of the kit that reads the registry already', async () => {
  const root = await application({
    ...shop,
    'app.js': `const { exporter } = require('exporter-kit');
const { fromRegistry } = require('exporter-kit/prom-client');
const { register } = require('prom-client');
require('./metrics').orders.inc({ country: 'pt' });
module.exports = exporter({ name: 'shop_exporter', collectors: [fromRegistry(register)] });
`,
  });
  expect(await migrate(root)).toMatchObject({ code: 0 });
  const files = await look(root);
  expect(files['app.js']).toContain('collectors: [fromRegistry(register), shop.collector] });');
  expect(files['live-metrics.js']).not.toContain('fromRegistry');
});

it('answers a handler that does nothing else with the exporter itself', async () => {
  const root = await application({
    ...shop,
    'app.js': `const { register } = require('prom-client');
const app = require('express')();
require('./metrics').orders.inc({ country: 'pt' });
app.get('/internal/metrics', async (req, res) => {
  res.set('Content-Type', register.contentType);
  res.end(await register.metrics());
});
`,
  });
  expect(await migrate(root)).toMatchObject({ code: 0 });
  const { 'app.js': text } = await look(root);
  expect(text).toContain(
    "const { nodeListener } = require('exporter-kit');\nconst { shop, shopExporter } = require('./live-metrics');".replace(
      'shop, ',
      '',
    ),
  );
  expect(text).toContain(
    "app.get('/internal/metrics', nodeListener(shopExporter(register), { path: '/internal/metrics' }));",
  );
});
