import { join } from 'node:path';
import {
  type Prometheus,
  runProgram,
  type ScrapeConfig,
  startPrometheus,
  startPushgateway,
  startVictoriaMetrics,
  until,
  type VictoriaMetrics,
} from 'test-servers';
import { startDns } from './dns.ts';
import { postgresSettings } from './postgres.ts';
import { app, started, type Viewed } from './programs.ts';
import { redisSettings } from './redis.ts';
import { scaffolds } from './scaffolds.ts';
import { settings, temporary } from './settings.ts';
import { startSite } from './site.ts';
import { Stops } from './stops.ts';

/** Every program with views, at work and scraped. */
export interface Field {
  readonly viewed: readonly Viewed[];
  readonly prometheus: Prometheus;
  readonly victoria: VictoriaMetrics;
  stop(): Promise<void>;
}

/** Starts all programs that this repository has views of, a scaffold of every template, and what scrapes them. */
export async function startField(): Promise<Field> {
  const stops = new Stops();
  try {
    const [viewed, scrapes] = await programs(stops);
    const victoria = stops.add(await startVictoriaMetrics());
    const rules = viewed.map(({ folder }) => join(folder, 'views', 'alerts.yaml'));
    const prometheus = stops.add(
      await startPrometheus({
        scrapeConfigs: scrapes,
        ruleFiles: rules,
        sections: { remote_write: [{ url: `${victoria.url}/api/v1/write` }] },
        flags: ['--enable-feature=native-histograms'],
      }),
    );
    // Enough for rates.
    const ready = `count(sum_over_time(up[10m]) >= 2) == ${scrapes.length}`;
    await prometheus.waitFor(ready, undefined, 300_000);
    await prometheus.waitFor('histogram_count(rate(http_server_request_duration_seconds[1m])) > 0', undefined, 300_000);
    await until('samples in VictoriaMetrics', async () => (await victoria.query(ready))[0], 50_000);
    return { viewed, prometheus, victoria, stop: () => stops.all() };
  } catch (error) {
    await stops.all();
    throw error;
  }
}

async function programs(stops: Stops): Promise<[Viewed[], ScrapeConfig[]]> {
  const [{ flags, web, scrape }, textfiles, gateway, site, dns, made, redis, postgres] = await Promise.all([
    settings(stops),
    temporary(stops),
    startPushgateway(),
    startSite('{ "items": { "ready": 12, "busy": 3, "failed": 1 } }'),
    startDns(),
    scaffolds(),
    redisSettings(stops),
    postgresSettings(stops),
  ]);
  stops.add(gateway);
  stops.add(site);
  stops.add(dns);
  const apps = {
    host: app('host-exporter'),
    probe: app('probe-exporter'),
    redis: app('redis-exporter'),
    postgres: app('postgres-exporter'),
    backup: app('backup-job', 'backup'),
  };
  const ran = ['--push.grouping=instance=here', `--push.gateway=${gateway.url}`];
  await finished(apps.backup, `--push.textfile=${textfiles}`, `--archive=${join(textfiles, 'a.tar.gz')}`, ...ran);
  await finished(made['push-job'], ...ran);

  const modules = {
    http: { prober: 'http' },
    https: { prober: 'http', http: { tls_config: { insecure_skip_verify: true } } },
    dns: { prober: 'dns', dns: { query_name: 'example.org', query_type: 'SOA' } },
    tcp: { prober: 'tcp' },
  };
  const offByDefault = ['buffercache_summary', 'process_idle', 'statio_user_indexes', 'stat_statements'];
  const [host, probe, servers, sentinel, postgresUrl, command, file, source, prober, shop] = await Promise.all([
    started(stops, apps.host, ...(await flags()), `--collector.textfile.directory=${textfiles}`),
    started(stops, apps.probe, ...(await flags({ modules })), '--probe.allow=127.0.0.0/8'),
    started(stops, apps.redis, ...(await flags(redis.servers)), '--collector.clients'),
    started(stops, apps.redis, ...(await flags(redis.sentinel))),
    started(stops, apps.postgres, ...(await flags(postgres)), ...offByDefault.map((name) => `--collector.${name}`)),
    started(stops, made['command-exporter'], ...(await flags())),
    started(stops, made['file-exporter'], ...(await flags())),
    started(stops, made['scrape-exporter'], ...(await flags())),
    started(stops, made['probe-exporter'], ...(await flags()), '--probe.allow=127.0.0.0/8'),
    started(stops, made['instrumented-app'], '--port=0', '--host=127.0.0.1', web),
  ]);
  const shopUrl = /listening app=(\S+)/.exec(shop.output())![1]!;
  const probed = (job: string, url: string, target: string, module?: string): ScrapeConfig =>
    scrape(job, `${url}probe`, { params: { target: [target], ...(module && { module: [module] }) } });
  const own: [Viewed, string][] = [
    [apps.host, host.url],
    [apps.probe, probe.url],
    [apps.redis, servers.url],
    [apps.postgres, postgresUrl.url],
    [made['command-exporter'], command.url],
    [made['file-exporter'], file.url],
    [made['scrape-exporter'], source.url],
    [made['probe-exporter'], prober.url],
    [made['instrumented-app'], shop.url],
  ];
  return [
    [...Object.values(apps), ...Object.values(made)],
    [
      ...own.map(([{ name }, url]) => scrape(name, `${url}metrics`)),
      // The same in text, whose histograms are classic.
      ...own.map(([{ name }, url]) =>
        scrape(`${name}_text`, `${url}metrics`, { scrape_protocols: ['OpenMetricsText1.0.0'] }),
      ),
      scrape('redis_exporter_sentinel', `${sentinel.url}metrics`),
      scrape('pushed', `${gateway.url}/metrics`, { honor_labels: true }),
      // The application counts these requests.
      probed('probe_exporter_http', probe.url, `${shopUrl}items/1`, 'http'),
      probed('probe_exporter_https', probe.url, probe.url, 'https'),
      probed('probe_exporter_tcp', probe.url, gateway.address, 'tcp'),
      probed('proof_probe_prober_status', prober.url, `${site.url}/`),
      probed('probe_exporter_dns', probe.url, dns.address, 'dns'),
    ],
  ];
}

async function finished({ folder }: Viewed, ...flags: string[]): Promise<void> {
  const { code, stderr } = await runProgram([join(folder, 'dist/main.js'), ...flags]);
  if (code !== 0) throw new Error(`${folder} ended with ${code}:\n${stderr}`);
}
