import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { executeJob, gauge, job, pushgateway } from 'exporter-kit';
import { parseText } from 'exporter-kit/exposition';
import { fromRegistry } from 'exporter-kit/prom-client';
import { faultyGateway } from 'exporter-kit/testing';
import { Gauge, Registry } from 'prom-client';
import {
  type Exit,
  needPeers,
  type Prometheus,
  type Pushgateway,
  promtoolCheckMetrics,
  runProgram,
  scrapeOf,
  startProgram,
  startPrometheus,
  startPushgateway,
} from 'test-servers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
let folder: string;
let source: string;
let archive: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-job-'));
  source = join(folder, 'source');
  archive = join(folder, 'out', 'backup.tar.gz');
  await mkdir(source);
  await writeFile(join(source, 'one'), 'x'.repeat(1000));
  await writeFile(join(source, 'two'), 'y'.repeat(234));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The built program. */
const backup = (...flags: string[]): Promise<Exit> =>
  runProgram([main, `--source=${source}`, `--archive=${archive}`, ...flags], { env: { TMPDIR: folder } });

describe.skipIf(!needPeers('prometheus', 'pushgateway'))('pushed to a Pushgateway that Prometheus scrapes', () => {
  let gateway: Pushgateway;
  let prometheus: Prometheus;
  const instance = '{job="backup",instance="db1"}';
  const push = (...flags: string[]) =>
    backup(`--push.gateway=${gateway.url}`, '--push.grouping=instance=db1', ...flags);

  beforeAll(async () => {
    gateway = await startPushgateway();
    prometheus = await startPrometheus({ scrapeConfigs: [scrapeOf('gateway', gateway.url, { honor_labels: true })] });
  });
  afterAll(async () => {
    await prometheus?.stop();
    await gateway?.stop();
  });

  it('has the metrics and times of a successful run', async () => {
    const { code, stderr } = await push();
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const [age] = await prometheus.waitFor(`time() - job_last_success_timestamp_seconds${instance}`);
    expect(age.value).toBeGreaterThanOrEqual(0);
    expect(age.value).toBeLessThan(30);
    const queried = async (name: string) => (await prometheus.query(name + instance))[0]?.value;
    expect(await queried('backup_files')).toBe(2);
    expect(await queried('backup_source_bytes')).toBe(1234);
    expect(await queried('backup_archive_bytes')).toBe((await stat(archive)).size);
    expect(await queried('job_success')).toBe(1);
    expect(await queried('job_duration_seconds')).toBeGreaterThan(0);
  });

  it('a failed run logs one line, and keeps the last success, its metrics and its archive', async () => {
    expect((await push()).code).toBe(0);
    const kept = ['job_last_success_timestamp_seconds', 'backup_files', 'backup_source_bytes', 'backup_archive_bytes'];
    const before = await pushed(gateway, 'db1');
    const good = await readFile(archive);

    const { code, stdout, stderr } = await push(`--source=${join(folder, 'gone')}`);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/cannot archive \S*gone: no such folder/);
    expect(stderr.trim().split('\n')).toHaveLength(1);

    const after = await pushed(gateway, 'db1');
    for (const name of kept) expect(after[name], name).toBe(before[name] ?? 'nothing was there');
    expect(before.job_success).toBe(1);
    expect(after.job_success).toBe(0);
    expect(after.job_last_completion_timestamp_seconds).toBeGreaterThan(
      before.job_last_completion_timestamp_seconds ?? Number.NaN,
    );
    expect(await readFile(archive)).toEqual(good);
    expect(await readdir(join(folder, 'out'))).toEqual(['backup.tar.gz']);

    await prometheus.waitFor(`job_success${instance} == 0`);
    const [last] = await prometheus.query(`job_last_success_timestamp_seconds${instance}`);
    expect(last?.value).toBe(before.job_last_success_timestamp_seconds);
  });

  it('grouping values arrive unchanged', async () => {
    const grouping = {
      volume: '/var/lib//data base/',
      city: 'Zürich – 東京 🗼',
      odd: 'a=b&c?d#e%2F+"f\\g',
      dots: '..',
      none: '',
    };
    const flags = Object.entries(grouping).map(([name, value]) => `--push.grouping=${name}=${value}`);
    expect((await backup(`--push.gateway=${gateway.url}`, ...flags)).code).toBe(0);
    const groups = (await gateway.groups()).map(({ labels }) => labels);
    expect(groups).toContainEqual({ job: 'backup', ...grouping });
  });

  it("the tutorial's batch job works, as a job of the kit and from a registry of its own", async () => {
    const lastSuccess = { name: 'job_last_success_unixtime', help: 'Last time a batch job successfully finished' };
    const series = 'job_last_success_unixtime{job="batchA"}';
    const to = [pushgateway(gateway.url)];

    const ofTheKit = job({
      name: 'batchA',
      metrics: { lastSuccess: gauge(lastSuccess) },
      run: ({ lastSuccess }) => lastSuccess.setToCurrentTime(),
    });
    const start = Date.now() / 1000;
    await executeJob(ofTheKit, { to });
    const [first] = await prometheus.waitFor(series);
    expect(first.value).toBeGreaterThanOrEqual(start);
    expect(first.value).toBeLessThanOrEqual(Date.now() / 1000);

    const register = new Registry();
    const last = new Gauge({ ...lastSuccess, registers: [register] });
    const ofTheRegistry = job({
      name: 'batchA',
      collectors: [fromRegistry(register)],
      run: () => last.setToCurrentTime(),
    });
    const again = Date.now() / 1000;
    await executeJob(ofTheRegistry, { to });
    const [second] = await prometheus.waitFor(series, ([result]) => (result?.value ?? 0) >= again);
    expect(second.value).toBe((await register.getSingleMetric(lastSuccess.name)?.get())?.values[0]?.value);
  });
});

describe('written to a textfile', () => {
  let place: string;
  beforeEach(async () => {
    place = await mkdtemp(join(folder, 'textfiles-'));
  });

  const read = async () => {
    const [name, ...more] = await readdir(place);
    expect(more).toEqual([]);
    expect(name).toMatch(/\.prom$/);
    return readFile(join(place, name as string), 'utf8');
  };

  it('a run without any flag needs nothing and leaves its result and its archive in the temporary folder', async () => {
    const { code, stderr } = await runProgram([main], { env: { TMPDIR: place } });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    place = join(place, 'backup-job');
    expect((await readdir(place)).sort()).toEqual(['backup.prom', 'backup.tar.gz']);
    const families = new Map(parseText(await readFile(join(place, 'backup.prom'), 'utf8')).map((f) => [f.name, f]));
    const sources = await readdir(fileURLToPath(new URL('../src', import.meta.url)));
    expect(families.get('backup_files')?.samples[0]?.value).toBe(sources.length);
  });

  it.skipIf(!needPeers('promtool'))('promtool has nothing to say about it', async () => {
    expect((await backup(`--push.textfile=${place}`, '--push.grouping=volume=a/b "c"')).code).toBe(0);
    expect(promtoolCheckMetrics(await read())).toEqual({ code: 0, problems: [] });
  });

  it('a stopped run counts as failed, and cleans up', async () => {
    const big = join(folder, 'big');
    await mkdir(big, { recursive: true });
    await writeFile(join(big, 'noise'), randomBytes(40_000_000));
    const out = join(place, 'out');
    await mkdir(out);
    const running = await startProgram(
      [main, `--source=${big}`, `--archive=${join(out, 'b.tar.gz')}`, `--push.textfile=${place}`],
      { until: /^/ },
    );
    await expect.poll(() => readdir(out), { interval: 5, timeout: 50_000 }).toHaveLength(1);
    const { code, stderr } = await running.stop('SIGTERM');
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('SIGTERM') });
    expect(await readdir(out)).toEqual([]);
    await rm(out, { recursive: true });
    expect(valuesOf(await read())).toMatchObject({ job_success: 0 });
  });

  it('a run that takes too long counts as failed, and cleans up', async () => {
    const big = join(folder, 'slow');
    await mkdir(big, { recursive: true });
    await writeFile(join(big, 'noise'), randomBytes(40_000_000));
    const out = join(place, 'out');
    const { code, stderr } = await backup(
      `--source=${big}`,
      `--archive=${join(out, 'b.tar.gz')}`,
      `--push.textfile=${place}`,
      '--job.timeout=50ms',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/ending="timed out" err="exceeded its time limit of 50ms"\n$/);
    expect(await readdir(out)).toEqual([]);
    await rm(out, { recursive: true });
    expect(valuesOf(await read())).toMatchObject({ job_success: 0 });
  });

  it('results that cannot be delivered are kept for the next run, in order', async () => {
    const gateway = await faultyGateway({ status: 503 });
    onTestFinished(() => gateway.close());
    const push = (...flags: string[]) =>
      backup(`--push.gateway=${gateway.url}`, '--push.timeout=300ms', `--push.spool=${place}`, ...flags);
    expect((await push()).code).toBe(0);
    expect((await push('--push.required')).code).toBe(75);
    const { code, stderr } = await push(`--source=${join(folder, 'gone')}`, '--push.required');
    expect(stderr).toContain('not delivered; kept in the spool for the next run');
    expect([code, (await readdir(place)).length]).toEqual([1, 1]);
    const [name] = await readdir(place);
    const [, ...columns] = (await readFile(join(place, name as string), 'utf8')).trim().split('\n');
    const kept = columns.map((column) => {
      const { metric, rows } = JSON.parse(column);
      return [metric.name, rows[0].cells[0]];
    });
    expect(Object.fromEntries(kept)).toMatchObject({ job_success: 0, backup_files: 2 });
  });

  it('a failed run keeps the last success, too', async () => {
    expect((await backup(`--push.textfile=${place}`)).code).toBe(0);
    const before = valuesOf(await read());
    expect((await backup(`--push.textfile=${place}`, `--source=${join(folder, 'gone')}`)).code).toBe(1);
    const after = valuesOf(await read());
    expect(before).toMatchObject({ job_success: 1, backup_files: 2 });
    expect(after).toMatchObject({
      job_success: 0,
      backup_files: 2,
      job_last_success_timestamp_seconds: before.job_last_success_timestamp_seconds,
    });
  });
});

/** The only series of each family. */
function valuesOf(text: string): Record<string, number | undefined> {
  return Object.fromEntries(parseText(text).map(({ name, samples }) => [name, samples[0]?.value]));
}

/** The gateway's own samples of one instance. */
async function pushed(gateway: Pushgateway, instance: string): Promise<Record<string, number | undefined>> {
  const families = parseText(await (await fetch(`${gateway.url}/metrics`)).text());
  const own = families.map(
    ({ name, samples }) => [name, samples.find(({ labels }) => labels.instance === instance)?.value] as const,
  );
  return Object.fromEntries(own.filter(([, value]) => value !== undefined));
}
