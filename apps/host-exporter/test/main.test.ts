import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lint } from 'exporter-kit/testing';
import {
  needPeers,
  type Program,
  promtoolCheckMetrics,
  pythonParse,
  runProgram,
  startNodeExporter,
  startProgram,
} from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const collectors = ['cpu', 'diskstats', 'filefd', 'filesystem', 'loadavg', 'meminfo'].concat([
  'netdev',
  'stat',
  'textfile',
  'time',
  'uname',
  'vmstat',
]);

async function start(...flags: string[]): Promise<{ program: Program; metrics(accept?: string): Promise<Response> }> {
  const program = await startProgram([main, '--web.listen-address=127.0.0.1:0', ...flags], { until: /address=(\S+)/ });
  onTestFinished(async () => void (await program.stop()));
  const url = new URL('/metrics', program.match[1]);
  return { program, metrics: (accept = 'text/plain') => fetch(url, { headers: { accept } }) };
}

/** A temporary directory with one file. */
async function directoryWith(file: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'host-exporter-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, file), text);
  return directory;
}

it('serves every collector of the host and its own process, and ends on SIGTERM', async () => {
  const { program, metrics } = await start();
  const answer = await metrics();
  expect(answer.status).toBe(200);
  const text = await answer.text();
  const success = [...text.matchAll(/^node_scrape_collector_success\{collector="(\w+)"\} (\S+)$/gm)];
  const verdicts = Object.fromEntries(success.map(([, collector, value]) => [collector, value]));
  expect(verdicts).toMatchObject(Object.fromEntries(collectors.map((name) => [name, '1'])));
  expect(text).toMatch(/^node_cpu_seconds_total\{cpu="0",mode="idle"\} \d/m);
  expect(text).toMatch(/^process_resident_memory_bytes \d/m);
  expect((await program.stop()).code).toBe(0);
});

it('accepts the flags of node_exporter', async () => {
  const [a, b] = [await directoryWith('job.prom', 'job_a 1\n'), await directoryWith('job.prom', 'job_b 2\n')];
  const proc = await directoryWith('loadavg', '0.52 1.04 0.98 3/412 91225\n');
  const { metrics } = await start(
    '--collector.disable-defaults',
    '--collector.textfile',
    '--collector.loadavg',
    `--collector.textfile.directory=${a}`,
    `--collector.textfile.directory=${b}`,
    `--path.procfs=${proc}`,
  );
  const text = await (await metrics()).text();
  expect(text).toMatch(/^job_a 1$/m);
  expect(text).toMatch(/^job_b 2$/m);
  expect(text).toMatch(/^node_load1 0.52$/m);
  expect(text).not.toContain('node_cpu_seconds_total');
});

describe.skipIf(!needPeers('promtool', 'node_exporter'))('judged by promtool', () => {
  it('is reported for the names that node_exporter is reported for, and no others', async () => {
    const theirs = await startNodeExporter([
      '--web.disable-exporter-metrics',
      '--collector.disable-defaults',
      ...collectors.map((name) => `--collector.${name}`),
    ]);
    onTestFinished(() => theirs.stop());
    const text = await (await (await start()).metrics()).text();
    // node_exporter 1.9 stopped serving some fields of /proc/meminfo; we serve them.
    const lost = /^node_memory_\w+_bytes$/;
    const [ours, real] = [reported(text), reported(await theirs.scrape())];
    expect(ours.filter((name) => real.includes(name) || !lost.test(name))).toEqual(real);
    // The kit's own linter agrees.
    expect([...new Set(lint(text).map((finding) => finding.metric))].sort()).toEqual(reported(text));
  });
});

describe.skipIf(!needPeers('python-client'))('read by a strict OpenMetrics parser', () => {
  it('is accepted', async () => {
    const directory = await directoryWith('job.prom', '# TYPE job_a gauge\njob_a 1\n');
    const { metrics } = await start(`--collector.textfile.directory=${directory}`);
    const answer = await metrics('application/openmetrics-text; version=1.0.0');
    expect(answer.headers.get('content-type')).toMatch(/^application\/openmetrics-text; *version=1\.0\.0/);
    const families = new Map(pythonParse(await answer.text(), 'openmetrics').map((family) => [family.name, family]));
    expect(families.get('node_cpu_seconds')).toMatchObject({ type: 'counter', unit: 'seconds' });
    expect(families.get('node_uname')).toMatchObject({ type: 'info' });
    expect(families.get('job_a')?.samples).toMatchObject([{ name: 'job_a', labels: {}, value: 1 }]);
  });
});

function reported(text: string): string[] {
  return [...new Set(promtoolCheckMetrics(text).problems.map((line) => line.split(' ')[0]!))].sort();
}

it.skipIf(process.platform === 'win32')('needs few open files', async () => {
  const script = 'ulimit -n 96 && exec "$0" "$@"';
  const { code, stdout } = await runProgram(['-c', script, process.execPath, main, '--once'], { command: 'sh' });
  expect(stdout).toContain('node_time_seconds ');
  expect(code).toBe(0);
});
