import { writeFile } from 'node:fs/promises';
import { needPeers } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stops } from './field/stops.ts';
import { startWatched, type Watched } from './field/watched.ts';

type Labelled = { readonly labels: { readonly [label: string]: string } };
/** Alerts about this machine may be right. */
const aboutMachine = /^Host(Load|Memory|File)/;
const named = (alerts: readonly Labelled[]): string[] =>
  alerts
    .map(({ labels }) => `${labels.alertname} of ${labels.job}`)
    .filter((name) => !aboutMachine.test(name))
    .sort();

describe.skipIf(!needPeers('prometheus', 'alertmanager', 'pushgateway', 'redis-server'))('alerts', () => {
  const stops = new Stops();
  let watched: Watched;
  beforeAll(async () => {
    watched = await startWatched(stops);
  });
  afterAll(() => stops.all());

  const inState = async (wanted: string): Promise<string[]> => {
    const rules = await watched.prometheus.rules();
    return named(rules.flatMap(({ alerts = [] }) => alerts.filter(({ state }) => state === wanted)));
  };

  it('are silent while all is well, but for a job that never ran', async () => {
    const rules = await watched.prometheus.rules();
    expect(rules.length).toBeGreaterThan(60);
    await expect.poll(() => inState('firing')).toEqual(['BackupJobNeverSucceeded of other_backup']);
    expect(await inState('pending')).toEqual([]);
  });

  it('fire for what fails, no other does, and they arrive in Alertmanager', async () => {
    const { fileExporter, redis, site, loadavg, config, prober, gateway, prometheus, alertmanager, runJob } = watched;
    await fileExporter.stop('SIGKILL');
    await redis.stop();
    site.stop();
    await writeFile(loadavg, 'nonsense');
    await writeFile(config, 'nonsense: 1');
    await fetch(`${prober.url}-/reload`, { method: 'POST' });
    expect(await runJob('failed', '--source=/nowhere')).toMatchObject({ code: 1 });
    // The result of a job that has not been run for 27 hours.
    const name = 'job_last_success_timestamp_seconds';
    const body = `# TYPE ${name} gauge\n${name} ${Math.floor(Date.now() / 1000) - 27 * 3600}\n`;
    const late = await fetch(`${gateway.url}/metrics/job/backup/instance/late`, { method: 'PUT', body });
    expect(late.status).toBe(200);

    const expected = [
      'AcmeWidgetExporterDown of acme_widget_exporter',
      'BackupJobFailed of backup',
      'BackupJobNeverSucceeded of other_backup',
      'BackupJobOverdue of backup',
      'HostCollectorFailing of host_exporter',
      'ProbeConfigReloadFailed of probe_exporter',
      'ProbeFailing of probe_exporter_http',
      'RedisDown of redis_exporter',
    ];
    // The one of collectors waits longest, so others had their time as well.
    await expect.poll(() => inState('firing'), { timeout: 150_000 }).toEqual(expected);
    await expect.poll(async () => named(await alertmanager.alerts())).toEqual(expected);
    for (const { annotations, labels } of await alertmanager.alerts()) {
      expect(labels.severity).toMatch(/^(critical|warning)$/);
      expect(annotations.summary).toMatch(/^[A-Z].*\.$/);
      expect(annotations.description).not.toMatch(/\{\{|<no value>|%!/);
    }
    for (const { name: rule, health, lastError } of await prometheus.rules()) {
      expect({ rule, health, lastError }).toEqual({ rule, health: 'ok' });
    }
  });
});
