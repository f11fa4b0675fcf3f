import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startAlertmanager } from './alertmanager.ts';
import { startBlackboxExporter } from './blackbox-exporter.ts';
import { startBrowser } from './browser.ts';
import { needPeers } from './need.ts';
import { startNodeExporter } from './node-exporter.ts';
import { startPostgres, startPostgresExporter } from './postgresql.ts';
import { type Prometheus, scrapeOf, startPrometheus } from './prometheus.ts';
import { promtoolCheckMetrics } from './promtool.ts';
import { startPushgateway } from './pushgateway.ts';
import { pythonParse } from './python.ts';
import { startRedis, startRedisExporter } from './redis.ts';
import { startVictoriaMetrics } from './victoria-metrics.ts';
import { startVmalert } from './vmalert.ts';

describe.skipIf(!needPeers('prometheus'))('Prometheus', () => {
  let target: Server;
  let prometheus: Prometheus;

  beforeAll(async () => {
    target = createServer((_, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end('# TYPE a gauge\na{b="c"} 42\nbig +Inf\nodd NaN\n');
    });
    await new Promise<void>((done) => void target.listen(0, '127.0.0.1', done));
    const { port } = target.address() as AddressInfo;
    prometheus = await startPrometheus({ scrapeConfigs: [scrapeOf('toy', `http://127.0.0.1:${port}/`)] });
  });
  afterAll(async () => {
    await prometheus?.stop();
    target.close();
    target.closeAllConnections();
  });

  it('scrapes and answers queries', async () => {
    const [a] = await prometheus.waitFor('a', ([first]) => first?.value === 42);
    expect(a.metric).toMatchObject({ __name__: 'a', b: 'c', job: 'toy' });
    expect(Math.abs(a.time - Date.now() / 1000)).toBeLessThan(60);
    expect((await prometheus.query('big'))[0]?.value).toBe(Number.POSITIVE_INFINITY);
    expect((await prometheus.query('odd'))[0]?.value).toBeNaN();
    expect(await prometheus.query('scalar(a) + 1')).toMatchObject([{ metric: {}, value: 43 }]);
  });

  it('reports the last result after the timeout', async () => {
    await expect(prometheus.waitFor('up == 2', undefined, 100)).rejects.toThrow(
      /up == 2: not within 100 ms.*last answer: \[\].*"health":/,
    );
    await expect(prometheus.query('a{')).rejects.toThrow('a{ failed:');
  });

  it('accepts scrape configs as YAML, and removes its files', async () => {
    const other = await startPrometheus({
      scrapeConfigs: '- job_name: none\n  static_configs:\n  - targets: [127.0.0.1:1]\n',
    });
    const [flags] = [
      (await (await fetch(`${other.url}/api/v1/status/flags`)).json()) as { data: Record<string, string> },
    ];
    const folder = flags.data['storage.tsdb.path'] as string;
    expect(existsSync(folder)).toBe(true);
    await other.stop();
    expect(existsSync(folder)).toBe(false);
    await expect(fetch(other.url)).rejects.toThrow();
  });

  it('reports errors in the config', async () => {
    await expect(startPrometheus({ scrapeConfigs: [{ job_name: 'x', nonsense: 1 }] })).rejects.toThrow('nonsense');
  });
});

it.skipIf(!needPeers('pushgateway'))('Pushgateway shows its groups', async () => {
  const gateway = await startPushgateway();
  await fetch(`${gateway.url}/metrics/job/nightly/volume/a`, { method: 'PUT', body: 'a_bytes 3\n' });
  expect(await gateway.groups()).toMatchObject([{ labels: { job: 'nightly', volume: 'a' }, a_bytes: {} }]);
  await gateway.stop();
});

it.skipIf(!needPeers('node_exporter'))('node_exporter shows this machine', async () => {
  const exporter = await startNodeExporter(['--collector.disable-defaults', '--collector.time']);
  expect(await exporter.scrape()).toMatch(/^node_time_seconds \d/m);
  await exporter.stop();
});

it.skipIf(!needPeers('blackbox_exporter'))('blackbox_exporter probes', async () => {
  const exporter = await startBlackboxExporter({ tcp_connect: { prober: 'tcp' } });
  const metrics = await exporter.probe({ module: 'tcp_connect', target: exporter.address });
  expect(metrics).toMatch(/^probe_success 1$/m);
  await exporter.stop();
});

it.skipIf(!needPeers('promtool'))('promtool judges', () => {
  expect(promtoolCheckMetrics('# HELP a_bytes A.\n# TYPE a_bytes gauge\na_bytes 1\n')).toEqual({
    code: 0,
    problems: [],
  });
  const lint = promtoolCheckMetrics('# HELP a_total A.\n# TYPE a_total gauge\na_total 1\n');
  expect(lint).toEqual({ code: 3, problems: [expect.stringMatching(/^a_total .*_total/)] });
  expect(promtoolCheckMetrics('a{ 1\n')).toMatchObject({
    code: 1,
    problems: [expect.stringContaining('parsing error')],
  });
});

describe.skipIf(!needPeers('python-client'))('the Python client', () => {
  it('reads both formats', () => {
    expect(pythonParse('# HELP a A.\n# TYPE a gauge\na{value="1",b="x\\"y"} NaN\na -Inf 1500\n', 'text')).toEqual([
      {
        name: 'a',
        type: 'gauge',
        help: 'A.',
        unit: '',
        samples: [
          { name: 'a', labels: { value: '1', b: 'x"y' }, value: Number.NaN },
          { name: 'a', labels: {}, value: Number.NEGATIVE_INFINITY, timestamp: 1.5 },
        ],
      },
    ]);
    const [family] = pythonParse(
      '# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total 1\n# EOF\n',
      'openmetrics',
    );
    expect(family).toMatchObject({ name: 'a_seconds', type: 'counter', unit: 'seconds', samples: [{ value: 1 }] });
  });

  it('is strict about OpenMetrics', () => {
    expect(() => pythonParse('a 1\n', 'openmetrics')).toThrow(/rejects this as openmetrics: ValueError: .*EOF/);
  });
});

it.skipIf(!needPeers('victoria-metrics'))('VictoriaMetrics finds what was written a moment ago', async () => {
  const victoria = await startVictoriaMetrics();
  await fetch(`${victoria.url}/api/v1/import/prometheus`, { method: 'POST', body: 'a{b="c"} 42\n' });
  expect(await victoria.query('a')).toMatchObject([{ metric: { __name__: 'a', b: 'c' }, value: 42 }]);
  await victoria.stop();
});

const flavours = (['redis-server', 'valkey-server'] as const).filter((program) => needPeers(program));

it.each(flavours)('%s answers, on its port and its socket', async (program) => {
  const redis = await startRedis({ program, flags: ['--requirepass', 'x'], login: { password: 'x' } });
  expect(await redis.ask('SET', 'a', '1')).toBe('OK');
  expect(await redis.ask('CONFIG', 'GET', 'unixsocket')).toEqual(['unixsocket', redis.socket]);
  await expect(redis.ask('NONSENSE')).rejects.toThrow(/unknown command/);
  await redis.stop();
  await expect(redis.ask('PING')).rejects.toThrow(/ECONNREFUSED/);
});

it.skipIf(!needPeers('redis-server', 'redis_exporter'))('redis_exporter shows a Redis', async () => {
  const redis = await startRedis();
  const exporter = await startRedisExporter(redis.url);
  expect(await exporter.scrape()).toMatch(/^redis_up 1$/m);
  await exporter.stop();
  await redis.stop();
});

describe.skipIf(!needPeers('postgres'))('PostgreSQL', () => {
  it('answers, stops answering while its processes are stopped, and starts again on its data', async () => {
    const postgres = await startPostgres({ settings: { max_connections: 10 } });
    onTestFinished(() => postgres.stop());
    expect(await postgres.sql('SHOW max_connections')).toEqual([{ max_connections: '10' }]);
    await postgres.sql('CREATE TABLE t (i int); INSERT INTO t VALUES (42)');
    await postgres.signalAll('SIGSTOP');
    const inVain = new Client({ ...postgres.login, connectionTimeoutMillis: 300 });
    await expect(inVain.connect()).rejects.toThrow(/timeout/);
    await postgres.signalAll('SIGCONT');
    expect(await postgres.sql('SELECT i FROM t')).toEqual([{ i: 42 }]);
    await postgres.program.stop('SIGKILL');
    await expect(postgres.sql('SELECT 1')).rejects.toThrow();
    await postgres.restart();
    expect(await postgres.sql('SELECT i FROM t')).toEqual([{ i: 42 }]);
  });

  it('streams to a replica', async () => {
    const primary = await startPostgres();
    onTestFinished(() => primary.stop());
    const replica = await primary.startReplica({ slot: 'one' });
    onTestFinished(() => replica.stop());
    expect(await replica.sql('SELECT pg_is_in_recovery() AS yes')).toEqual([{ yes: true }]);
    await expect.poll(() => primary.sql('SELECT state FROM pg_stat_replication')).toEqual([{ state: 'streaming' }]);
    expect(await primary.sql('SELECT slot_name, active FROM pg_replication_slots')).toEqual([
      { slot_name: 'one', active: true },
    ]);
  });
});

it.skipIf(!needPeers('postgres', 'postgres_exporter'))('postgres_exporter shows a PostgreSQL', async () => {
  const postgres = await startPostgres();
  const exporter = await startPostgresExporter(postgres.url);
  expect(await exporter.scrape()).toMatch(/^pg_up 1$/m);
  await exporter.stop();
  await postgres.stop();
});

it.skipIf(!needPeers('chromium'))('Chromium runs scripts, and has fonts', async () => {
  const browser = await startBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.setContent('<p></p><script>document.body.textContent = 6 * 7</script>');
  expect(await page.textContent('body')).toBe('42');
  await page.setContent(
    '<span style="font-family: system-ui">iiiiiiii</span><br><span style="font-family: monospace">iiiiiiii</span>',
  );
  const [proportional, monospace] = await Promise.all([0, 1].map((i) => page.locator('span').nth(i).boundingBox()));
  expect(proportional!.width).toBeLessThan(monospace!.width * 0.7);
});

describe.skipIf(!needPeers('prometheus', 'alertmanager', 'victoria-metrics', 'vmalert'))('rules', () => {
  const rule = { alert: 'Always', expr: 'vector(1)', labels: { severity: 'info' }, annotations: { summary: 'Yes.' } };
  let file: string;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rules-'));
    file = join(folder, 'rules.yaml');
    await writeFile(file, JSON.stringify({ groups: [{ name: 'all', rules: [rule] }] }));
  });
  afterAll(() => rm(dirname(file), { recursive: true }));

  it('fire in Prometheus, and arrive in Alertmanager', async () => {
    const alertmanager = await startAlertmanager();
    onTestFinished(() => alertmanager.stop());
    const prometheus = await startPrometheus({ scrapeConfigs: [], ruleFiles: [file], alertmanager });
    onTestFinished(() => prometheus.stop());
    await expect.poll(() => prometheus.rules()).toMatchObject([{ name: 'Always', health: 'ok', state: 'firing' }]);
    await expect
      .poll(() => alertmanager.alerts())
      .toMatchObject([{ labels: { alertname: 'Always', severity: 'info' }, annotations: { summary: 'Yes.' } }]);
  });

  it('fire in vmalert', async () => {
    const victoria = await startVictoriaMetrics();
    onTestFinished(() => victoria.stop());
    const vmalert = await startVmalert({ ruleFiles: [file], at: victoria.url });
    onTestFinished(() => vmalert.stop());
    await expect.poll(() => vmalert.rules()).toMatchObject([{ name: 'Always', health: 'ok', state: 'firing' }]);
  });
});
