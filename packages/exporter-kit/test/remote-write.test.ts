import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { silent } from '../src/collect/context.ts';
import { familiesOf } from '../src/collect/scrape/snapshot.ts';
import { executeJob } from '../src/index.ts';
import { parseText } from '../src/parse/index.ts';
import { familySnapshot } from '../src/push/family-snapshot.ts';
import { type Delivery, isPermanentFailure } from '../src/push/index.ts';
import { type RemoteWriteOptions, remoteWrite } from '../src/push/remote-write/remote-write.ts';
import { type Engine, startEngine, type Version } from './engine.ts';
import { everything, memory } from './everything.ts';

const unhurried = { log: silent, signal: new AbortController().signal };

async function engine(answers: Parameters<typeof startEngine>[0] = []): Promise<Engine> {
  const started = await startEngine(answers);
  onTestFinished(() => started.close());
  return started;
}

function delivery(body: string, grouping: Delivery['grouping'] = {}): Delivery {
  return { job: 'sync', grouping, mode: 'replace', snapshot: familySnapshot(parseText(body), 'test') };
}

/** That many series of one gauge. */
function many(count: number, pad = ''): Delivery {
  const lines = Array.from({ length: count }, (_, i) => `g{i="${i}",pad="${pad}"} ${i}\n`);
  return delivery(`# TYPE g gauge\n${lines.join('')}`);
}

const versions: readonly Version[] = ['1.0', '2.0'];
const contentTypes = {
  '1.0': 'application/x-protobuf',
  '2.0': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
};
const versionHeaders = { '1.0': '0.1.0', '2.0': '2.0.0' };

const numbersIn = ({ written }: Engine): string[][] =>
  written.map(({ series }) => series.map(({ labels }) => labels.find(([name]) => name === 'i')![1]));

describe.each(versions)('what is written by %s', (version) => {
  it('is a POST with the headers of the specification', async () => {
    const { url, written } = await engine();
    const kit = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
    const headers = { 'X-Scope-OrgID': 'team-a' };
    await remoteWrite(`${url}/api/v1/write?extra_label=dc=eu`, { headers, version }).deliver(many(1), unhurried);
    expect(written).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/write?extra_label=dc=eu',
        headers: {
          'content-encoding': 'snappy',
          'content-type': contentTypes[version],
          'content-length': expect.stringMatching(/^\d+$/),
          'user-agent': `exporter-kit/${kit.version}`,
          'x-prometheus-remote-write-version': versionHeaders[version],
          'x-scope-orgid': 'team-a',
        },
      },
    ]);
  });

  it('is what the text format says, each series once, with job and grouping, labels sorted and none empty', async () => {
    const { url, written } = await engine();
    const { samples, ...kept } = memory(version === '1.0' ? 'underscores' : 'allow-utf-8');
    const before = Date.now();
    const grouping = { Zone: 'eu', instance: '' };
    const { delivered } = await executeJob(everything(1), { grouping, to: [kept, remoteWrite(url, { version })] });
    expect(delivered.filter(({ error }) => error !== undefined)).toEqual([]);
    const said = written.flatMap(({ series }) => series);
    expect(said.length).toBe(samples.length);
    for (const [i, { name, labels, value }] of samples.entries()) {
      const all = { ...labels, Zone: 'eu', job: 'sync', __name__: name };
      const wanted = Object.entries(all).filter(([, label]) => label !== '');
      expect(said[i]!.labels).toEqual(wanted.sort(([a], [b]) => (a < b ? -1 : 1)));
      expect(said[i]!.samples.map((sample) => sample.value)).toEqual([value]);
    }
    expect(new Set(said.map(({ labels }) => JSON.stringify(labels))).size).toBe(said.length);
    const times = new Set(said.map(({ samples: [sample] }) => sample!.timeMs));
    expect(times.size).toBe(1);
    expect([...times][0]).toBeGreaterThanOrEqual(before);
    expect([...times][0]).toBeLessThanOrEqual(Date.now());
  });

  it('has no NaN but the plain one, as another ends a series', async () => {
    const { url, written } = await engine();
    const snapshot = familySnapshot(parseText('g 1\n'), 'test');
    const column = familiesOf(snapshot)[0]!.columns[0]!;
    new DataView(column.vals.buffer).setBigUint64(column.vals.byteOffset, 0x7ff0000000000002n, true);
    await remoteWrite(url, { version }).deliver({ job: 'sync', grouping: {}, mode: 'add', snapshot }, unhurried);
    expect(written[0]!.series[0]!.samples[0]!.value).toBeNaN();
    expect(written[0]!.plain.includes(Buffer.from('000000000000f87f', 'hex'))).toBe(true);
    expect(written[0]!.plain.includes(Buffer.from('020000000000f07f', 'hex'))).toBe(false);
  });

  it('is later than what was written before', async () => {
    const { url, written } = await engine();
    const sink = remoteWrite(url, { version });
    for (let i = 0; i < 5; i++) await sink.deliver(many(1), unhurried);
    await Promise.all([sink.deliver(many(1), unhurried), sink.deliver(many(1), unhurried)]);
    const times = written.map(({ series }) => series[0]!.samples[0]!.timeMs);
    expect(new Set(times).size).toBe(7);
    expect(times.slice(0, 5)).toEqual(times.slice(0, 5).toSorted((a, b) => a - b));
  });

  it('is nothing where there is nothing', async () => {
    const { url, written } = await engine();
    await remoteWrite(url, { version }).deliver(delivery(''), unhurried);
    expect(written).toEqual([]);
  });

  it.each<[string, Delivery, string]>([
    [
      'the grouping',
      delivery('g{instance="a"} 1\n', { instance: 'b' }),
      'label "instance" of g is also set by the grouping',
    ],
    ["the job's name", delivery('g{job="a"} 1\n'), 'label "job" of g is also set by the job\'s name'],
    ['a reserved label', delivery('g 1\n', { __name__: 'h' }), '"__name__" is reserved'],
    ['no name', { ...delivery('g 1\n'), job: '' }, 'the job has no name'],
  ])('is refused before anything is sent: %s', async (_, result, message) => {
    const { url, written } = await engine();
    const error = await remoteWrite(url, { version })
      .deliver(result, unhurried)
      .catch((e: Error) => e);
    expect(error).toMatchObject({ message: expect.stringContaining(`remote write ${url}: `) });
    expect((error as Error).message).toContain(message);
    expect(isPermanentFailure(error)).toBe(true);
    expect(written).toEqual([]);
  });
});

describe.each(versions)('batches of %s', (version) => {
  it('have so many series at the most, in order', async () => {
    const made = await engine();
    await remoteWrite(made.url, { maxSeries: 3, version }).deliver(many(7), unhurried);
    expect(numbersIn(made)).toEqual([['0', '1', '2'], ['3', '4', '5'], ['6']]);
  });

  it('have so many bytes at the most; what is longer goes alone', async () => {
    const made = await engine();
    await remoteWrite(made.url, { maxBytes: 2000, version }).deliver(many(100, 'ü'.repeat(100)), unhurried);
    expect(numbersIn(made).flat()).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
    const sizes = made.written.map(({ bytes }) => bytes);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2000);
    // Nor are they much smaller than they may be.
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(version === '1.0' ? 1400 : 1300);
    const alone = await engine();
    await remoteWrite(alone.url, { maxBytes: 100, version }).deliver(many(2, 'x'.repeat(3000)), unhurried);
    expect(numbersIn(alone)).toEqual([['0'], ['1']]);
  });

  it('go over one connection', async () => {
    const { url, written } = await engine();
    await remoteWrite(url, { maxSeries: 1, version }).deliver(many(5), unhurried);
    expect(new Set(written.map(({ headers }) => headers.connection))).toEqual(new Set(['keep-alive']));
  });

  it('come again as they were, and before those that follow', async () => {
    const made = await engine([204, 503, 429]);
    await remoteWrite(made.url, { maxSeries: 1, version }).deliver(many(3), unhurried);
    expect(numbersIn(made)).toEqual([['0'], ['1'], ['1'], ['1'], ['2']]);
    expect(made.written[2]!.body.equals(made.written[1]!.body)).toBe(true);
  });

  it('that are refused do not stop the others, and are told', async () => {
    const made = await engine([204, [400, 'out of order sample'], 204, [400, 'out of bounds']]);
    const error = await remoteWrite(made.url, { maxSeries: 2, version })
      .deliver(many(9), unhurried)
      .catch((e: Error) => e);
    expect(numbersIn(made).flat()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8']);
    expect((error as Error).message).toBe(
      `remote write ${made.url}: 2 of 5 requests, with 4 series, were not accepted; the first: answered 400: out of order sample`,
    );
    expect(isPermanentFailure(error)).toBe(true);
  });

  it('that find no way stop the others', async () => {
    const made = await engine([204, [401, 'who are you?']]);
    const error = await remoteWrite(made.url, { maxSeries: 2, version })
      .deliver(many(9), unhurried)
      .catch((e: Error) => e);
    expect(made.written.length).toBe(2);
    expect((error as Error).message).toContain('answered 401: who are you?');
    expect(isPermanentFailure(error)).toBe(false);
  });

  it('are made in many turns of the event loop, until there is no more time', async () => {
    const { url, written } = await engine();
    const sink = remoteWrite(url, { maxSeries: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER, version });
    // Loads what is loaded when it is needed.
    await sink.deliver(many(1), unhurried);
    const ending = new AbortController();
    const sent = sink.deliver(many(30_000), { ...unhurried, signal: ending.signal });
    // Once they are made, it says that it was stopped in sending.
    const failed = expect(sent).rejects.toThrow(/^remote write \S+: enough$/);
    for (let turns = 0; turns < 5; turns++) await nextTurn();
    ending.abort(new Error('enough'));
    await failed;
    expect(written.length).toBe(1);
  });
});

describe('options', () => {
  it('authenticate, with secrets as they are at each delivery', async () => {
    const { url, written } = await engine();
    const folder = await mkdtemp(join(tmpdir(), 'remote-write-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'token');
    const sink = remoteWrite(url, { bearerToken: { file } });
    for (const token of ['first', 'second']) {
      await writeFile(file, `${token}\n`);
      await sink.deliver(many(1), unhurried);
    }
    await remoteWrite(url.replace('//', '//ann:p%20w@')).deliver(many(1), unhurried);
    expect(written.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      'Bearer second',
      `Basic ${Buffer.from('ann:p w').toString('base64')}`,
    ]);
    await rm(file);
    await expect(sink.deliver(many(1), unhurried)).rejects.toThrow(`bearerToken: there is no file ${file}`);
  });

  it.each<[string, RemoteWriteOptions, string]>([
    ['engine:9090', {}, 'is not an http(s) URL; write http://host:9090/api/v1/write'],
    ['http://e', { maxSeries: 0 }, 'maxSeries must be at least 1, not 0'],
    ['http://e', { timeoutMs: Number.NaN }, 'timeoutMs must be at least 1, not NaN'],
    ['http://u@e', { bearerToken: 'x' }, 'bearerToken and username are mutually exclusive'],
    ['http://e', { headers: { 'Content-Encoding': 'gzip' } }, 'the header Content-Encoding is reserved'],
    [
      'http://e',
      { headers: { 'x-prometheus-remote-write-version': '2.0.0' } },
      'the header x-prometheus-remote-write-version is reserved',
    ],
  ])('that make no sense are refused at once: %s %j', (url, options, message) => {
    expect(() => remoteWrite(url, options)).toThrow(message);
  });

  it('name the sink without its secrets, which keeps no groups', () => {
    const sink = remoteWrite('https://ann:secret@engine/api/v1/push?token=1');
    expect(sink.name).toBe('remote write https://engine/api/v1/push');
    expect(sink.modes).toEqual([]);
    expect(sink.remove).toBeUndefined();
  });
});
