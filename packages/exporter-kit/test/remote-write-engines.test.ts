import { fileURLToPath } from 'node:url';
import { needPeers, type QueryResult, runProgram, startPrometheus, startVictoriaMetrics } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { silent } from '../src/collect/context.ts';
import { executeJob, gauge, job, type Sink } from '../src/index.ts';
import type { Escaping } from '../src/metric/escape.ts';
import { parseText, type Sample } from '../src/parse/index.ts';
import { familySnapshot } from '../src/push/family-snapshot.ts';
import { remoteWrite } from '../src/push/remote-write/remote-write.ts';
import { everything, memory } from './everything.ts';

/** An engine, real and running. */
interface Running {
  readonly url: string;
  query(promql: string): Promise<QueryResult[]>;
  stop(): Promise<void>;
}

const grouping = { instance: 'db 1/größe' };

/** A sample's series as an engine names it: by labels, of which none is empty. */
function series({ name, labels }: Pick<Sample, 'name' | 'labels'>): string {
  const all = { ...labels, job: 'sync', ...grouping, __name__: name };
  return key(all);
}

const key = (labels: object): string =>
  JSON.stringify(
    Object.entries(labels)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Runs the job, writes it there, and gives what was written and what the engine has then. */
async function roundTrip(
  engine: Running,
  sink: Sink,
  round: number,
  escaping?: Escaping,
): Promise<[Map<string, number>, Map<string, number>]> {
  const kept = memory(escaping);
  const { delivered } = await executeJob(everything(round), { grouping, to: [sink, kept] });
  expect(delivered).toEqual([{ sink: sink.name }, { sink: 'memory' }]);
  const there = await engine.query('{job="sync"}');
  return [
    new Map(kept.samples.map((sample) => [series(sample), sample.value])),
    new Map(there.map(({ metric, value }) => [key(metric), value])),
  ];
}

describe.skipIf(!needPeers('prometheus'))('a real Prometheus', () => {
  let engine: Running;
  beforeAll(async () => {
    engine = await startPrometheus({ scrapeConfigs: [], flags: ['--web.enable-remote-write-receiver'] });
  });
  afterAll(() => engine?.stop());

  it.each<['auto' | '1.0', Escaping]>([
    ['1.0', 'underscores'],
    // Debian 12 has one that takes 1.0 alone.
    ['auto', process.env.PEERS === 'debian12' ? 'underscores' : 'allow-utf-8'],
  ])('has by %s every series and every value, and the later ones after a second time', async (version, escaping) => {
    const own = await startPrometheus({ scrapeConfigs: [], flags: ['--web.enable-remote-write-receiver'] });
    onTestFinished(() => own.stop());
    const sink = remoteWrite(`${own.url}/api/v1/write`, { maxSeries: 10, version });
    for (const round of [1, 2, 3]) {
      const [written, there] = await roundTrip(own, sink, round, escaping);
      expect(written.size).toBeGreaterThan(50);
      expect([...there].sort()).toEqual([...written].sort());
    }
  });

  it('is heard when samples come out of order, which do not keep it from others', async () => {
    const context = { log: silent, signal: new AbortController().signal };
    const url = `${engine.url}/api/v1/write`;
    const write = (lines: string, sink: Sink): Promise<void> =>
      sink.deliver({ job: 'late', grouping, mode: 'add', snapshot: familySnapshot(parseText(lines), 'test') }, context);
    await write('known 1\n', remoteWrite(url));
    const minuteAgo = Date.now() - 60_000;
    const clock = vi.spyOn(Date, 'now').mockReturnValue(minuteAgo);
    onTestFinished(() => clock.mockRestore());
    await expect(write('known 2\n', remoteWrite(url))).rejects.toThrow(
      /^remote write \S+: answered 400: out of order sample( .*0 of 1 samples written\))?$/,
    );
    await expect(write('known 2\nother 2\n', remoteWrite(url, { maxSeries: 1 }))).rejects.toThrow(
      /: 1 of 2 requests, with 1 series, were not accepted; the first: answered 400: out of order sample.*$/,
    );
    expect(await engine.query('{job="late"}')).toMatchObject([{ value: 1 }, { value: 2 }]);
  });

  it('says what it lacks to be written to', async () => {
    const closed = await startPrometheus({ scrapeConfigs: [] });
    const { delivered } = await executeJob(everything(1), { to: [remoteWrite(`${closed.url}/api/v1/write`)] });
    expect(String(delivered[0]?.error)).toContain('answered 404: remote write receiver needs to be enabled');
    await closed.stop();
  });

  it('has every one of 100,000 series', async () => {
    const count = 100_000;
    const many = job({
      name: 'many',
      metrics: { depth: gauge({ name: 'queue_depth', help: 'x', labels: ['queue'] }) },
      run({ depth }) {
        for (let i = 0; i < count; i++) depth.set({ queue: `q${i}` }, i);
      },
    });
    const slow = remoteWrite(`${engine.url}/api/v1/write`, { timeoutMs: 100_000 });
    const { delivered } = await executeJob(many, { to: [slow], pushTimeoutMs: 100_000 });
    expect(delivered[0]?.error).toBeUndefined();
    expect((await engine.query('count(queue_depth)'))[0]?.value).toBe(count);
    expect((await engine.query('sum(queue_depth)'))[0]?.value).toBe((count * (count - 1)) / 2);
  });
});

describe.skipIf(!needPeers('victoria-metrics'))('a real VictoriaMetrics', () => {
  let engine: Running;
  let sink: Sink;
  beforeAll(async () => {
    engine = await startVictoriaMetrics();
    sink = remoteWrite(`${engine.url}/api/v1/write`, { maxSeries: 10 });
  });
  afterAll(() => engine?.stop());

  it('has every series and every value as well as it keeps them, and the later ones after a second time', async () => {
    for (const round of [1, 2, 3]) {
      const [written, there] = await roundTrip(engine, sink, round);
      const kept = [...written].filter(([, value]) => !Number.isNaN(value));
      expect([...there.keys()].sort()).toEqual(kept.map(([name]) => name).sort());
      expect(kept.filter(([name, value]) => !asWellAs(value, there.get(name)!))).toEqual([]);
    }
  });

  it("has what a job's process was told to write there", async () => {
    const program = fileURLToPath(new URL('./programs/job.mjs', import.meta.url));
    const flags = [`--push.remote-write=${engine.url}/api/v1/write`, '--push.grouping=instance=db2'];
    expect(await runProgram([program, ...flags])).toMatchObject({ code: 0, stdout: '' });
    expect(await engine.query('items{job="test job",instance="db2"}')).toMatchObject([{ value: 3 }]);
  });
});

/** VictoriaMetrics keeps decimals: whole numbers as they are, twelve digits of others, none below the normal ones. */
function asWellAs(value: number, there: number): boolean {
  if (Math.abs(value) < 2 ** -1022) return there === 0;
  if (!Number.isFinite(value) || Number.isSafeInteger(value)) return there === value;
  return Math.abs(there - value) < Math.abs(value) * 1e-11;
}
