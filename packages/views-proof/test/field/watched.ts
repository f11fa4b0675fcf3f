import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Alertmanager,
  type Exit,
  type Prometheus,
  type Pushgateway,
  type RedisServer,
  runProgram,
  scrapeOf,
  startAlertmanager,
  startPrometheus,
  startPushgateway,
  startRedis,
} from 'test-servers';
import { hurried } from '../../src/rule-files.ts';
import { app, type Running, started, template } from './programs.ts';
import { temporary } from './settings.ts';
import { type Site, startSite } from './site.ts';
import type { Stops } from './stops.ts';

/** Programs whose alerts are watched, with what they look at. */
export interface Watched {
  readonly prober: Running;
  readonly fileExporter: Running;
  readonly redis: RedisServer;
  /** What is probed. */
  readonly site: Site;
  /** What the host exporter's collector `loadavg` reads. */
  readonly loadavg: string;
  /** What the probe exporter has read. */
  readonly config: string;
  readonly gateway: Pushgateway;
  readonly prometheus: Prometheus;
  readonly alertmanager: Alertmanager;
  /** Runs the job; its result is that of `instance`. */
  runJob(instance: string, ...flags: string[]): Promise<Exit>;
}

// In proportion to the hurried alerts, as a minute is.
const often = { scrape_interval: '2s', scrape_timeout: '2s' };

/** Starts them all, and waits until they are scraped. */
export async function startWatched(stops: Stops): Promise<Watched> {
  const folder = await temporary(stops);
  const [gateway, redis, alertmanager] = await Promise.all([startPushgateway(), startRedis(), startAlertmanager()]);
  for (const one of [gateway, redis, alertmanager]) stops.add(one);
  const site = stops.add(await startSite('hello'));

  const programs = {
    host_exporter: app('host-exporter'),
    redis_exporter: app('redis-exporter'),
    probe_exporter: app('probe-exporter'),
    acme_widget_exporter: template('file-exporter'),
    backup: app('backup-job'),
  };
  const config = join(folder, 'probe.yml');
  await writeFile(config, '{}');
  const procfs = join(folder, 'proc');
  await mkdir(procfs);
  for (const name of ['diskstats', 'meminfo', 'net', 'self', 'stat', 'sys', 'vmstat', '1'])
    await symlink(join('/proc', name), join(procfs, name));
  const loadavg = join(procfs, 'loadavg');
  await writeFile(loadavg, '0.50 0.40 0.30 1/100 1234\n');
  const [host, redisExporter, prober, fileExporter] = await Promise.all([
    started(stops, programs.host_exporter, `--path.procfs=${procfs}`),
    started(stops, programs.redis_exporter, `--redis.addr=${redis.url}`),
    started(
      stops,
      programs.probe_exporter,
      `--config.file=${config}`,
      '--probe.allow=127.0.0.0/8',
      '--web.enable-lifecycle',
    ),
    started(stops, programs.acme_widget_exporter),
  ]);
  const runJob = (instance: string, ...flags: string[]): Promise<Exit> =>
    runProgram([
      join(programs.backup.folder, 'dist/main.js'),
      ...[
        `--archive=${join(folder, 'a.tar.gz')}`,
        `--push.gateway=${gateway.url}`,
        `--push.grouping=instance=${instance}`,
      ],
      ...flags,
    ]);
  await runJob('well');

  const ruleFiles = await Promise.all(
    Object.entries(programs).map(([name, { folder: at }]) =>
      hurried(join(at, 'views/alerts.yaml'), join(folder, `${name}.yaml`)),
    ),
  );
  // The same job under another name, which never ran.
  const other = join(folder, 'other.yaml');
  await writeFile(other, (await readFile(ruleFiles.at(-1)!, 'utf8')).replaceAll('backup', 'other_backup'));
  const prometheus = stops.add(
    await startPrometheus({
      scrapeConfigs: [
        scrapeOf('host_exporter', `${host.url}metrics`, often),
        scrapeOf('redis_exporter', `${redisExporter.url}metrics`, often),
        scrapeOf('probe_exporter', `${prober.url}metrics`, often),
        scrapeOf('probe_exporter_http', `${prober.url}probe`, {
          ...often,
          params: { target: [`${site.url}/`], module: ['http_2xx'] },
        }),
        scrapeOf('acme_widget_exporter', `${fileExporter.url}metrics`, often),
        scrapeOf('pushed', `${gateway.url}/metrics`, { ...often, honor_labels: true }),
      ],
      ruleFiles: [...ruleFiles, other],
      alertmanager,
    }),
  );
  await prometheus.waitFor('count(sum_over_time(up[1m]) >= 2) == 6', undefined, 120_000);
  return { prober, fileExporter, redis, site, loadavg, config, gateway, prometheus, alertmanager, runJob };
}
