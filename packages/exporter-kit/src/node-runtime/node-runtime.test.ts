import { closeSync, open, readdir, stat } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { needPeers, promtoolCheckMetrics } from 'test-servers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Collector } from '../collect/collector.ts';
import { nodeRuntime as byPromClient } from '../prom-client/index.ts';
import { lint } from '../testing/lint.ts';
import { type Scraped, scrape } from '../testing/scrape.ts';
import { nodeRuntime } from './node-runtime.ts';

const linuxOnly = it.runIf(process.platform === 'linux');

/** Event loop delays are missing until the first one has been measured. */
const complete = (collector: Collector): Promise<Scraped> =>
  vi.waitUntil(async () => {
    const scraped = await scrape(collector);
    return scraped.families.has('nodejs_eventloop_lag_mean_seconds') && scraped;
  }, 50_000);

/** Keeps requests of libuv running, until the test ends. */
function keepReading(): void {
  let on = true;
  const again = (): void => {
    if (on) stat('.', again);
  };
  for (let i = 0; i < 8; i++) again();
  onTestFinished(() => {
    on = false;
  });
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

describe("beside prom-client's", () => {
  const types = ({ text }: Scraped): string[] => text.match(/^# TYPE .*$/gm)!.sort();
  const labels = ({ families }: Scraped): object =>
    Object.fromEntries(
      Array.from(families, ([name, { samples }]) => [name, new Set(samples.flatMap((one) => Object.keys(one.labels)))]),
    );

  it('has the same names, types and labels', async () => {
    keepReading();
    const [mine, other] = [nodeRuntime(), byPromClient()];
    // Theirs has no collections of garbage before the first, and learns of each some time after it.
    const [ours, theirs] = await vi.waitUntil(async () => {
      collectGarbage();
      const both = [await complete(mine), await complete(other)] as const;
      return both[1].families.get('nodejs_gc_duration_seconds')?.samples.length && both;
    }, 50_000);
    expect(types(ours)).toEqual(types(theirs));
    expect(labels(ours)).toEqual(labels(theirs));
  });

  linuxOnly('has the same values', async () => {
    const [ours, theirs] = [await complete(nodeRuntime()), await complete(byPromClient())];
    for (const name of ['process_max_fds', 'process_start_time_seconds']) {
      expect(Math.abs(ours.value(name)! - theirs.value(name)!), name).toBeLessThanOrEqual(1);
    }
    const sizes = [
      'process_resident_memory_bytes',
      'process_virtual_memory_bytes',
      'process_heap_bytes',
      'process_open_fds',
      'nodejs_heap_size_total_bytes',
      'nodejs_heap_size_used_bytes',
    ];
    for (const name of sizes) {
      const ratio = ours.value(name)! / theirs.value(name)!;
      expect(ratio, name).toBeGreaterThan(0.5);
      expect(ratio, name).toBeLessThan(2);
    }
    const spaces = ({ series }: Scraped): unknown[] =>
      series('nodejs_heap_space_size_total_bytes').map((one) => one.labels.space);
    expect(spaces(ours)).toEqual(spaces(theirs));
    expect(ours.series('nodejs_version_info')).toEqual(theirs.series('nodejs_version_info'));
  });
});

it('counts CPU time from the start of the process', async () => {
  const { user, system } = process.cpuUsage();
  const { value } = await scrape(nodeRuntime());
  expect(value('process_cpu_seconds_total')).toBeGreaterThanOrEqual((user + system) / 1e6);
  expect(value('process_cpu_user_seconds_total')).toBeGreaterThanOrEqual(user / 1e6);
  expect(value('process_cpu_system_seconds_total')).toBeGreaterThanOrEqual(system / 1e6);
});

linuxOnly('counts open files', async () => {
  const before = (await promisify(readdir)('/proc/self/fd')).length;
  const files = await Promise.all(Array.from({ length: 50 }, () => promisify(open)('/dev/null', 'r')));
  const { value } = await scrape(nodeRuntime());
  for (const file of files) closeSync(file);
  expect(value('process_open_fds')! - before).toBeGreaterThan(40);
  expect(value('process_open_fds')! - before).toBeLessThan(60);
});

it('counts garbage collections since the first scrape, up to the current one', async () => {
  const runtime = nodeRuntime();
  const majors = async (): Promise<number> =>
    (await scrape(runtime)).value('nodejs_gc_duration_seconds_count', { kind: 'major' })!;
  const kinds = (await scrape(runtime)).series('nodejs_gc_duration_seconds_count').map(({ labels }) => labels.kind);
  expect(kinds).toEqual(['major', 'minor', 'incremental', 'weakcb']);
  const before = await majors();
  collectGarbage();
  collectGarbage();
  const { text, value } = await scrape(runtime);
  expect(value('nodejs_gc_duration_seconds_count', { kind: 'major' })! - before).toBeGreaterThanOrEqual(2);
  expect(text).toMatch(/^nodejs_gc_duration_seconds_bucket\{kind="major",le="\+Inf"\} \d+$/m);
  expect(value('nodejs_gc_duration_seconds_sum', { kind: 'major' })).toBeGreaterThan(0);
});

it('measures event loop delays from scrape to scrape, for each collector by itself', async () => {
  const [one, other] = [nodeRuntime(), nodeRuntime()];
  await Promise.all([complete(one), complete(other)]);
  const longest = async (of: Collector) => (await scrape(of)).value('nodejs_eventloop_lag_max_seconds') ?? 0;
  // Node does not record the delay during which a scrape reads, nor one that its timers have not seen end.
  const blocked = async (): Promise<number> => {
    block(500);
    await sleep(20);
    return Math.min(await longest(one), await longest(other));
  };
  await expect.poll(blocked, { timeout: 50_000 }).toBeGreaterThan(0.4);
  await expect.poll(() => longest(one)).toBeLessThan(0.4);
});

it('measures the current lag', async () => {
  const runtime = nodeRuntime();
  // The first scrape starts the observers.
  await scrape(runtime);
  const late = scrape(runtime);
  block(200);
  expect((await late).value('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0.2);
});

it('has nothing that the linter or promtool objects to', async () => {
  const { text } = await complete(nodeRuntime());
  expect(lint(text)).toEqual([]);
  if (needPeers('promtool')) expect(promtoolCheckMetrics(text)).toEqual({ code: 0, problems: [] });
});
