import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  needPeers,
  type Pushgateway,
  runProgram,
  startNodeExporter,
  startProgram,
  startPushgateway,
} from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ownMark } from '../../src/disk/owner.ts';
import { pushgateway } from '../../src/index.ts';
import { parseText } from '../../src/parse/index.ts';
import { flushSpool } from '../../src/push/spool/flush.ts';
import { folder } from './memory.ts';

const script = fileURLToPath(new URL('../programs/job.mjs', import.meta.url));

/** The values of one job's series, by name and the labels beside `job`. */
function valuesOf(exposition: string, job: string): { [series: string]: number } {
  const samples = parseText(exposition).flatMap((family) => family.samples);
  const own = samples.filter(({ labels }) => labels.job === job);
  return Object.fromEntries(
    own.map(({ name, labels: { job: _, ...labels }, value }) => [`${name}${JSON.stringify(labels)}`, value]),
  );
}

describe.skipIf(!needPeers('node_exporter'))('a textfile that a real node_exporter reads', () => {
  it('has the last success beside the failure, and everything of each job in the folder', async () => {
    const directory = await folder();
    const exporter = await startNodeExporter([
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${directory}`,
    ]);
    onTestFinished(() => exporter.stop());
    // What other writers have there at this moment, dead or alive, is nothing to it.
    for (const name of [
      'test_job.prom.00000000-1-1-1.tmp',
      `.test_job.prom.lock.00000000000001-${await ownMark()}-00000000`,
    ]) {
      await writeFile(join(directory, name), 'torn{');
    }
    const to = [`--push.textfile=${directory}`];
    const run = async (...args: string[]) => runProgram([script, ...to, ...args]);
    expect((await run('--push.grouping=instance=a/b "c"')).code).toBe(0);
    expect((await run('--push.grouping=instance=d')).code).toBe(0);
    const before = valuesOf(await exporter.scrape(), 'test job');
    expect((await run('--push.grouping=instance=d', '--fail')).code).toBe(1);
    const scraped = await exporter.scrape();
    expect(scraped).toContain('\nnode_textfile_scrape_error 0\n');
    expect(scraped.match(/^node_textfile_mtime_seconds/gm)?.length).toBe(2);
    const after = valuesOf(scraped, 'test job');
    const d = '{"instance":"d"}';
    const kept = [`items${d}`, `job_last_success_timestamp_seconds${d}`, 'items{"instance":"a/b \\"c\\""}'];
    for (const series of kept) expect([series, after[series]]).toEqual([series, before[series]]);
    expect(before[`job_success${d}`]).toBe(1);
    expect(after[`job_success${d}`]).toBe(0);
    expect(after['job_success{"instance":"a/b \\"c\\""}']).toBe(1);
    expect(after[`items${d}`]).toBe(3);
  });
});

describe.skipIf(!needPeers('pushgateway'))('a real Pushgateway', () => {
  let gateway: Pushgateway;
  beforeAll(async () => {
    gateway = await startPushgateway();
  });
  afterAll(() => gateway?.stop());
  const scraped = async (): Promise<string> => (await fetch(`${gateway.url}/metrics`)).text();

  it('takes what was kept while it was away, as if it had never been', async () => {
    const spool = join(await folder(), 'spool');
    const run = (...args: string[]) =>
      runProgram([
        script,
        '--push.gateway=http://127.0.0.1:1',
        '--push.timeout=300ms',
        `--push.spool=${spool}`,
        ...args,
      ]);
    const grouping = '--push.grouping=path=/var/lib';
    for (const args of [[], ['--fail'], [grouping], ['--fail', grouping]]) await run(...args);
    const back = { ...pushgateway(gateway.url), name: 'pushgateway http://127.0.0.1:1' };
    const flushed = await flushSpool(spool, [back], { signal: AbortSignal.timeout(50_000) });
    expect(flushed.map(({ status, runs }) => [status, runs])).toEqual([
      ['delivered', 2],
      ['delivered', 2],
    ]);
    for (const labels of ['{"instance":""}', '{"instance":"","path":"/var/lib"}']) {
      const values = valuesOf(await scraped(), 'test job');
      expect(values[`items${labels}`]).toBe(3);
      expect(values[`job_success${labels}`]).toBe(0);
      const completion = values[`job_last_completion_timestamp_seconds${labels}`];
      expect(values[`job_last_success_timestamp_seconds${labels}`]).toBeLessThan(completion!);
    }
  });

  it('shows progress beside the last success, and nothing once the group is to go on exit', async () => {
    const to = [`--push.gateway=${gateway.url}`, '--push.grouping=instance=progress'];
    const series = (name: string): string => `${name}{"instance":"progress"}`;
    const now = async () => valuesOf(await scraped(), 'test job');
    expect((await runProgram([script, ...to])).code).toBe(0);
    const before = await now();
    const going = [...to, '--push.progress=20ms', '--push.remove-on-exit', '--do=work', '--job.grace=1ms'];
    const program = await startProgram([script, ...going], { until: /working/ });
    await expect.poll(async () => (await now())[series('done')]).toBeGreaterThan(5);
    const between = await now();
    for (const name of [
      'items',
      'job_success',
      'job_last_success_timestamp_seconds',
      'job_last_completion_timestamp_seconds',
    ]) {
      expect([name, between[series(name)]]).toEqual([name, before[series(name)]]);
    }
    expect((await program.stop()).code).toBe(1);
    // The gateway answers before it has done it.
    const left = async () => Object.keys(await now()).filter((name) => name.includes('progress'));
    await expect.poll(left).toEqual([]);
  });
});
