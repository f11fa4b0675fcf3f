import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { later } from '../../../test/later.ts';
import { folder, memory, names, remembering } from '../../../test/push/memory.ts';
import { silent } from '../../collect/context.ts';
import { encodeText } from '../../encode/encode.ts';
import { gauge } from '../../metric/declare.ts';
import { deliverTo } from '../deliver.ts';
import { executeJob } from '../execute.ts';
import { familySnapshot } from '../family-snapshot.ts';
import { job } from '../job.ts';
import { isPermanentFailure, permanentFailure } from '../permanent-failure.ts';
import { pushgateway } from '../pushgateway.ts';
import { settleJob } from '../settle-job.ts';
import type { Delivery, Sink } from '../sink.ts';
import { flushSpool } from './flush.ts';
import { entryName } from './folder.ts';

const help = 'x';
const metrics = { size: gauge({ name: 'size', help }) };
const good = (size: number, name = 'backup') => job({ name, metrics, run: ({ size: writer }) => writer.set(size) });
const bad = job({ name: 'backup', metrics, run: () => Promise.reject(new Error('disk full')) });
const no = (): never => {
  throw new Error('no gateway');
};
const soon = () => ({ log: silent, signal: AbortSignal.timeout(20_000) });
const file = (sink = 'memory', name = 'backup', grouping = {}): string => entryName({ sink, job: name, grouping });

/** What a spool holds, tickets and temporary files too. */
const content = (directory: string): Promise<string[]> => readdir(directory);

describe('a spool', () => {
  it('is empty when all was delivered', async () => {
    const directory = await folder();
    const sink = memory();
    const { delivered } = await executeJob(good(1), { to: [sink], spool: directory });
    expect(delivered).toEqual([{ sink: 'memory' }]);
    expect(sink.got[0]?.lines).toContain('size 1');
    expect(await content(directory)).toEqual([]);
  });

  it('has the result on disk before a sink has it', async () => {
    const directory = await folder();
    let there: string[] = [];
    const looking = memory('looking', async () => {
      there = await content(directory);
    });
    await executeJob(good(1), { to: [looking, memory('other', no)], spool: directory });
    const ticket = /^\.backup-\w+\.spool\.lock\./;
    expect(there.filter((name) => !ticket.test(name)).sort()).toEqual([file('looking'), file('other')].sort());
  });

  it('does not read again what it has just written', async () => {
    const directory = await folder();
    const sink = memory();
    // Without this result's text, only the result at hand can be sent.
    const after = (async () => {
      await expect.poll(() => content(directory)).toEqual([file()]);
      const [head] = (await readFile(join(directory, file()), 'utf8')).split('\n');
      await writeFile(join(directory, file()), `${head}\n`);
    })();
    const result: Delivery = {
      job: 'backup',
      grouping: {},
      mode: 'replace',
      snapshot: familySnapshot(
        [{ name: 'size', kind: 'gauge', help, unit: '', samples: [{ name: 'size', labels: {}, value: 1 }] }],
        'test',
      ),
    };
    const options = { ...soon(), spool: { directory }, settledMs: Date.now(), after };
    expect(await deliverTo([sink], result, options)).toEqual([{ sink: 'memory' }]);
    expect(sink.got[0]?.lines).toContain('size 1');
    expect(await content(directory)).toEqual([]);
  });

  it('has the result although progress is still under way, and sends it after that', async () => {
    const directory = await folder();
    const [begun, let_] = [later(), later()];
    const order: string[] = [];
    const slow: Sink = {
      name: 'memory',
      async deliver({ mode }) {
        order.push(mode);
        begun.resolve();
        if (mode === 'add') await let_.promise;
      },
    };
    const work = job({
      name: 'backup',
      metrics,
      async run({ size }) {
        size.set(1);
        await begun.promise;
      },
    });
    const running = settleJob(work, { to: [slow], spool: directory, progressEveryMs: 1 });
    await expect.poll(() => content(directory)).toEqual([file()]);
    expect(order).toEqual(['add']);
    let_.resolve();
    await running;
    expect(order).toEqual(['add', 'replace']);
    expect(await content(directory)).toEqual([]);
  });

  it('keeps what could not be delivered, says so in one line, and the next run delivers it', async () => {
    const directory = join(await folder(), 'made', 'by us');
    const log = remembering();
    const { success, delivered } = await executeJob(good(1), { to: [memory('memory', no)], spool: directory, log });
    expect([success, delivered]).toEqual([true, [{ sink: 'memory', error: new Error('no gateway'), kept: true }]]);
    expect(log.said.splice(0)).toEqual([
      `error not delivered; kept in the spool for the next run ${JSON.stringify({ job: 'backup', sink: 'memory', spool: directory, err: 'no gateway' })}`,
    ]);
    expect(await content(directory)).toEqual([file()]);
    expect((await stat(join(directory, file()))).mode & 0o777).toBe(0o600);

    const sink = memory();
    await settleJob(bad, { to: [sink], spool: directory, log });
    // One push with the success that was kept and the failure that came after it.
    expect(sink.got.length).toBe(1);
    expect(sink.got[0]?.mode).toBe('replace');
    expect(sink.got[0]?.lines).toContain('size 1');
    expect(sink.got[0]?.lines).toContain('job_success 0');
    expect(names(sink.got[0]!.lines)).toContain('job_last_success_timestamp_seconds');
    expect(log.said).toEqual([
      'info delivered, with spooled results of earlier runs {"job":"backup","sink":"memory","earlier_runs":1}',
    ]);
    expect(await content(directory)).toEqual([]);
  });

  it.each<[string, readonly boolean[], Delivery['mode'], number | undefined, 0 | 1]>([
    ['one failure', [false], 'add', undefined, 0],
    ['two failures', [false, false], 'add', undefined, 0],
    ['a success after a failure', [false, true], 'replace', 2, 1],
    ['a failure after a success', [true, false], 'replace', 1, 0],
    ['a success after all', [true, false, true], 'replace', 3, 1],
    ['failures after a success', [true, true, false, false], 'replace', 2, 0],
  ])('has one file a group: %s', async (_what, runs, mode, size, success) => {
    const directory = await folder();
    for (const [i, went] of runs.entries()) {
      await settleJob(went ? good(i + 1) : bad, { to: [memory('memory', no)], spool: directory });
    }
    expect(await content(directory)).toEqual([file()]);
    const sink = memory();
    const flushed = await flushSpool(directory, [sink], soon());
    expect(flushed).toEqual([{ sink: 'memory', job: 'backup', grouping: {}, runs: runs.length, status: 'delivered' }]);
    expect(sink.got.length).toBe(1);
    expect(sink.got[0]?.mode).toBe(mode);
    expect(sink.got[0]?.lines).toContain(`job_success ${success}`);
    expect(sink.got[0]?.lines.find((line) => line.startsWith('size'))).toBe(size && `size ${size}`);
    expect(await content(directory)).toEqual([]);
  });

  it('delivers what other groups have there, to sinks that work', async () => {
    const directory = await folder();
    const log = remembering();
    const away = [memory('a', no), memory('b', no)];
    await settleJob(good(1, 'first'), { to: away, spool: directory });
    await settleJob(good(2, 'second'), { to: away, spool: directory, grouping: { instance: 'x' } });
    const a = memory('a');
    await settleJob(good(3, 'third'), { to: [a, memory('b', no)], spool: directory, log });
    expect(a.got.map(({ job }) => job)).toEqual(['third', 'first', 'second']);
    expect((await content(directory)).length).toBe(3);
    expect(log.said.map((line) => line.slice(0, 60)).sort()).toEqual([
      'error not delivered; kept in the spool for the next run {"jo',
      'info spooled result delivered {"job":"first","sink":"a","run',
      'info spooled result delivered {"job":"second","sink":"a","ru',
    ]);
  });

  it('does not keep what would be refused again', async () => {
    const directory = await folder();
    const log = remembering();
    const refusing = memory('memory', () => {
      throw permanentFailure('answered 400: inconsistent');
    });
    const { delivered } = await settleJob(good(1), { to: [refusing], spool: directory, log });
    expect(delivered).toEqual([{ sink: 'memory', error: expect.toSatisfy(isPermanentFailure) }]);
    expect(log.said).toEqual([
      'error refused; not spooled, as it would be refused again {"job":"backup","sink":"memory","err":"answered 400: inconsistent"}',
    ]);
    expect(await content(directory)).toEqual([]);
  });

  it('keeps no secret', async () => {
    const directory = await folder();
    const to = [pushgateway('http://me:hunter2@127.0.0.1:1/', { attemptTimeoutMs: 100, timeoutMs: 100 })];
    await settleJob(good(1), { to, spool: directory });
    const [name] = await content(directory);
    const body = await readFile(join(directory, name!), 'utf8');
    expect(JSON.parse(body.split('\n')[0]!)).toMatchObject({ version: 2, sink: 'pushgateway http://127.0.0.1:1' });
    expect(body).not.toMatch(/hunter2|me:/);
  });

  it('forgets a group that is taken away, and does not mind that there is no spool', async () => {
    const directory = await folder();
    await settleJob(good(1), { to: [memory('memory', no)], spool: directory });
    await settleJob(good(1), { to: [memory()], spool: directory, removeOnExit: true });
    expect(await content(directory)).toEqual([]);
    const spool = join(directory, 'nowhere');
    expect((await settleJob(good(1), { to: [memory()], spool, removeOnExit: true })).notDelivered).toBe(0);
  });

  it('that can not be written to is no reason not to push', async () => {
    const directory = join(await folder(), 'file');
    await writeFile(directory, '');
    const sink = memory();
    const log = remembering();
    const report = await settleJob(good(1), { to: [sink], spool: directory, log });
    expect(report.delivered).toEqual([{ sink: 'memory' }]);
    expect(sink.got.length).toBe(1);
    expect(log.said[0]).toMatch(/^error result could not be spooled; sending it anyway .*file is not a folder/);
  });

  it('is told to sinks of the same process and others in the order of their ends', async () => {
    // The first is under way when the second ends.
    const directory = await folder();
    const [reached, let_] = [later(), later()];
    const order: string[] = [];
    const slow: Sink = {
      name: 'memory',
      async deliver({ snapshot }) {
        order.push(/^size (.*)$/m.exec(encodeText(snapshot))![1]!);
        reached.resolve();
        if (order.length === 1) await let_.promise;
      },
    };
    const first = settleJob(good(1), { to: [slow], spool: directory });
    await reached.promise;
    const second = settleJob(good(2), { to: [slow], spool: directory });
    await expect.poll(async () => (await readFile(join(directory, file()), 'utf8')).includes('"cells":[2]')).toBe(true);
    let_.resolve();
    for (const { delivered } of await Promise.all([first, second])) expect(delivered).toEqual([{ sink: 'memory' }]);
    expect(order).toEqual(['1', '2']);
    expect(await content(directory)).toEqual([]);
  });

  it('does not put an older result over a newer one', async () => {
    const directory = await folder();
    const result = (size: number, mode: Delivery['mode']): Delivery => ({
      job: 'backup',
      grouping: {},
      mode,
      snapshot: familySnapshot(
        [
          { name: 'size', kind: 'gauge', help, unit: '', samples: [{ name: 'size', labels: {}, value: size }] },
          ...(mode === 'replace'
            ? [
                {
                  name: 'own',
                  kind: 'gauge' as const,
                  help,
                  unit: '',
                  samples: [{ name: 'own', labels: {}, value: size }],
                },
              ]
            : []),
        ],
        'test',
      ),
    });
    const now = Date.now();
    const put = (size: number, mode: Delivery['mode'], settledMs: number) =>
      deliverTo([memory('memory', no)], result(size, mode), { ...soon(), spool: { directory }, settledMs });
    await put(2, 'add', now - 1000);
    await put(1, 'replace', now - 2000);
    // A clock that was ahead is no reason to lose what comes now.
    const sink = memory();
    await flushSpool(directory, [sink], soon());
    expect(sink.got).toEqual([{ job: 'backup', mode: 'replace', lines: ['own 1', 'size 2'] }]);
    await put(3, 'replace', now + 3_600_000);
    await put(4, 'replace', now);
    await flushSpool(directory, [sink], soon());
    expect(sink.got[1]?.lines).toEqual(['own 4', 'size 4']);
  });
});

describe('its limits', () => {
  const kept = async (directory: string): Promise<string[]> =>
    (await content(directory)).map((name) => name.replace(/-.*/, '')).sort();
  const away = [memory('memory', no)];

  it('drop the oldest of too many, and say so', async () => {
    const directory = await folder();
    const log = remembering();
    for (const [i, name] of ['a', 'b', 'c', 'd'].entries()) {
      await settleJob(good(i, name), { to: away, spool: { directory, maxEntries: 2 }, log });
      const at = new Date(Date.now() - 10_000 + i * 1000);
      await utimes(join(directory, file('memory', name)), at, at);
    }
    expect(await kept(directory)).toEqual(['c', 'd']);
    expect(log.said.filter((line) => line.includes('dropped')).length).toBe(2);
  });

  it('drop the oldest of too much', async () => {
    const directory = await folder();
    await settleJob(good(1, 'a'), { to: away, spool: directory });
    const { size } = await stat(join(directory, file('memory', 'a')));
    const at = new Date(Date.now() - 10_000);
    await utimes(join(directory, file('memory', 'a')), at, at);
    await settleJob(good(1, 'b'), { to: away, spool: { directory, maxBytes: size * 1.5 } });
    expect(await kept(directory)).toEqual(['b']);
  });

  it('refuse what alone is too much, and push it', async () => {
    const directory = await folder();
    const log = remembering();
    const sink = memory();
    await settleJob(good(1), { to: [sink], spool: { directory, maxBytes: 100 }, log });
    expect(sink.got.length).toBe(1);
    expect(log.said[0]).toContain("it would exceed the spool's limit of 100 bytes");
    expect(await content(directory)).toEqual([]);
  });

  it('drop what is too old, by the next run or a flush', async () => {
    const directory = await folder();
    const log = remembering();
    const long = new Date(Date.now() - 8 * 24 * 3_600_000);
    await settleJob(good(1, 'a'), { to: away, spool: directory });
    await utimes(join(directory, file('memory', 'a')), long, long);
    await settleJob(good(1, 'b'), { to: away, spool: directory, log });
    expect(await kept(directory)).toEqual(['b']);
    expect(log.said[0]).toMatch(/undelivered result dropped from the spool .*too old/);
    const sink = memory();
    const [expired] = await flushSpool(directory, [sink], { ...soon(), maxAgeMs: -1 });
    expect(expired?.status).toBe('expired');
    expect([sink.got, await content(directory)]).toEqual([[], []]);
  });
});

describe('a flush', () => {
  it('finds nothing where there is nothing', async () => {
    expect(await flushSpool(join(await folder(), 'nowhere'), [], soon())).toEqual([]);
  });

  it('goes by the names of sinks, leaves a sink in trouble alone, and goes on with the others', async () => {
    const directory = await folder();
    for (const name of ['first', 'second']) {
      await settleJob(good(1, name), { to: ['a', 'b', 'c', 'd'].map((sink) => memory(sink, no)), spool: directory });
    }
    let deliveries = 0;
    const a = memory('a');
    const b = memory('b', () => {
      deliveries++;
      throw new Error('down');
    });
    const c = memory('c', () => {
      throw permanentFailure('never');
    });
    const flushed = await flushSpool(directory, [a, b, c], soon());
    const summary = flushed.map(({ sink, job, status }) => `${job} ${sink} ${status}`);
    expect(summary.sort()).toEqual([
      'first a delivered',
      'first b kept',
      'first c refused',
      'first d unmatched',
      'second a delivered',
      'second b kept',
      'second c refused',
      'second d unmatched',
    ]);
    expect(deliveries).toBe(1);
    expect((await content(directory)).length).toBe(4);
  });

  it('leaves alone what somebody else delivers now', async () => {
    const directory = await folder();
    const [reached, let_] = [later(), later()];
    const slow = memory('memory', async () => {
      reached.resolve();
      await let_.promise;
    });
    const running = settleJob(good(1), { to: [slow], spool: directory });
    await reached.promise;
    const [busy] = await flushSpool(directory, [memory()], soon());
    expect(busy).toMatchObject({ status: 'kept', error: { message: expect.stringContaining('locked by ') } });
    let_.resolve();
    await running;
    expect(await content(directory)).toEqual([]);
  });

  it('ends with its signal; what is left stays', async () => {
    const directory = await folder();
    await settleJob(good(1), { to: [memory('memory', no)], spool: directory });
    const stuck = memory('memory', () => new Promise(() => {}));
    const [entry] = await flushSpool(directory, [stuck], { signal: AbortSignal.timeout(20) });
    expect(entry?.status).toBe('kept');
    expect(await content(directory)).toEqual([file()]);
  });
});

describe('a damaged file', () => {
  const damages: [string, (good: string) => string, RegExp][] = [
    ['empty', () => '', /the first line is incomplete/],
    ['cut in its first line', (body) => body.slice(0, 20), /first line is incomplete/],
    ['cut after its first line', (body) => body.slice(0, body.indexOf('\n') + 1), /truncated or modified/],
    ['cut at its end', (body) => body.slice(0, -1), /truncated or modified: its checksum does not match/],
    ['changed', (body) => body.replace('"cells":[1]', '"cells":[2]'), /truncated or modified/],
    ['without a version', (body) => body.replace('"version":2', '"v":2'), /has no version/],
    ['of nobody', (body) => body.replace('"job":"backup"', '"job":7'), /lacks required fields/],
    ['null', () => 'null\n', /has no version/],
    ['binary', () => '\0\uFFFD\u0001\n', /is not JSON/],
  ];
  it.each(damages)('is moved aside and told: %s', async (_what, damage, reason) => {
    const directory = await folder();
    await settleJob(good(1), { to: [memory('memory', no)], spool: directory });
    const path = join(directory, file());
    await writeFile(path, damage(await readFile(path, 'utf8')));
    const log = remembering();
    const sink = memory();
    expect(await flushSpool(directory, [sink], { ...soon(), log })).toEqual([]);
    expect(log.said.length).toBe(1);
    expect(log.said[0]).toMatch(/^error spool file damaged; moved aside/);
    expect(log.said[0]).toMatch(reason);
    expect(await content(directory)).toEqual([`${file()}.corrupt`]);
    const { delivered } = await settleJob(good(2), { to: [sink], spool: directory });
    expect(delivered).toEqual([{ sink: 'memory' }]);
  });

  it('does not stop the next run either', async () => {
    const directory = await folder();
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, file()), 'x');
    const log = remembering();
    const sink = memory();
    await settleJob(good(2), { to: [sink], spool: directory, log });
    expect(sink.got.length).toBe(1);
    expect(log.said.length).toBe(1);
  });

  it('is left as it is when a newer kit has written it', async () => {
    const directory = await folder();
    const body = '{"version":3,"whatever":1}\nbinary';
    await writeFile(join(directory, file()), body);
    const log = remembering();
    const sink = memory();
    expect(await flushSpool(directory, [sink], { ...soon(), log })).toEqual([]);
    expect(log.said[0]).toMatch(/not readable; left in place .*format version 3; this program supports 2/);
    const { delivered } = await settleJob(good(2), { to: [sink], spool: directory, log });
    expect(delivered).toEqual([{ sink: 'memory' }]);
    expect(await readFile(join(directory, file()), 'utf8')).toBe(body);
  });
});
