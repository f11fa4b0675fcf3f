import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  needPeers,
  type Prometheus,
  runProgram,
  scrapeOf,
  startProgram,
  startPrometheus,
  startPushgateway,
  startRedis,
  startVictoriaMetrics,
  until,
  type VictoriaMetrics,
} from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const app = (name: string, path: string): string => fileURLToPath(new URL(`../../${name}/${path}`, import.meta.url));

interface Panel {
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly panels?: readonly Panel[];
}

/** What the panels of a committed dashboard ask, with everything chosen. */
async function questions(name: string): Promise<{ readonly title: string; readonly expr: string }[]> {
  const dashboard = JSON.parse(await readFile(app(name, 'views/dashboard.json'), 'utf8'));
  const all = (panels: readonly Panel[]): Panel[] => panels.flatMap((one) => [one, ...all(one.panels ?? [])]);
  return all(dashboard.panels).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      title,
      expr: expr
        .replaceAll(/"\$(job|instance)"/g, '".*"')
        .replaceAll('$__rate_interval', '30s')
        .replaceAll('$__range', '1m'),
    })),
  );
}

/** How many of an app's expressions have series here at least; of Redis, much depends on version, cluster and modules. */
const apps = [
  ['host-exporter', 90],
  ['probe-exporter', 50],
  ['redis-exporter', 200],
  ['backup-job', 8],
] as const;

describe.skipIf(!needPeers('prometheus', 'pushgateway', 'redis-server', 'victoria-metrics'))('panels', () => {
  let prometheus: Prometheus;
  let victoria: VictoriaMetrics;
  const stops: (() => Promise<unknown>)[] = [];

  async function started(name: string, ...flags: string[]): Promise<string> {
    const program = await startProgram([app(name, 'dist/main.js'), '--web.listen-address=127.0.0.1:0', ...flags], {
      until: /address=(\S+)/,
    });
    stops.push(() => program.stop());
    return program.match[1]!;
  }

  beforeAll(async () => {
    const [redis, gateway] = await Promise.all([startRedis(), startPushgateway()]);
    stops.push(
      () => redis.stop(),
      () => gateway.stop(),
    );
    const host = await started('host-exporter');
    const probe = await started('probe-exporter', '--probe.allow=127.0.0.0/8');
    const redisUrl = await started('redis-exporter', `--redis.addr=${redis.url}`);
    const pushed = await runProgram([app('backup-job', 'dist/main.js'), `--push.gateway=${gateway.url}`]);
    expect(pushed.code).toBe(0);
    victoria = await startVictoriaMetrics();
    stops.push(() => victoria.stop());
    const scrapes = JSON.stringify([
      scrapeOf('host', `${host}metrics`),
      scrapeOf('probe-itself', `${probe}metrics`),
      scrapeOf('redis', `${redisUrl}metrics`),
      scrapeOf('pushed', `${gateway.url}/metrics`, { honor_labels: true }),
      scrapeOf('probed', `${probe}probe`, { params: { target: [`${gateway.url}/-/ready`], module: ['http_2xx'] } }),
    ]);
    const remoteWrite = JSON.stringify([{ url: `${victoria.url}/api/v1/write` }]);
    prometheus = await startPrometheus({ scrapeConfigs: `  ${scrapes}\nremote_write: ${remoteWrite}` });
    stops.push(() => prometheus.stop());
    await prometheus.waitFor('count(up == 1) == 5');
    // Two scrapes, for rates.
    await prometheus.waitFor('min(count_over_time(up[1m])) >= 3');
    await until(
      'samples in VictoriaMetrics',
      async () => (await victoria.query('count(count_over_time(up[1m]) >= 3) == 5'))[0],
      50_000,
    );
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  it.each(apps)('of %s: every expression has series, if there are any of its metric', async (name, least) => {
    await prometheus.waitFor('count(up == 1) == 5');
    const asked = await questions(name);
    const broken: string[] = [];
    let answered = 0;
    for (const { title, expr } of asked) {
      if ((await prometheus.query(expr)).length > 0) answered++;
      // What does not occur here can't be drawn: configuration reloads, devices of other machines, native histograms in text.
      else if ((await prometheus.query(`count(${metricIn(expr)})`)).length > 0) {
        // Again, as a scrape may have failed in between.
        await prometheus.waitFor(expr, undefined, 20_000).catch(() => broken.push(`${title}: ${expr}`));
      }
    }
    expect(broken).toEqual([]);
    expect(answered).toBeGreaterThanOrEqual(least);
  });

  it.each(apps)('of %s: VictoriaMetrics answers the same', async (name) => {
    await prometheus.waitFor('count(up == 1) == 5');
    const differing: string[] = [];
    for (const { title, expr } of await questions(name)) {
      // It has no such function, and stores `_count` for native histograms too, which another query asks for.
      if (expr.includes('histogram_count(')) continue;
      const [here, there] = [await prometheus.query(expr), await victoria.query(expr)];
      if (here.length === 0 || there.length > 0) continue;
      const again = until(expr, async () => (await victoria.query(expr))[0], 20_000);
      await again.catch(() => differing.push(`${title}: ${expr}`));
    }
    expect(differing).toEqual([]);
  });
});

/** The first selector, without its labels' values. */
const metricIn = (expr: string): string => /[a-z_]\w*(?=\{job=)/i.exec(expr)![0];
