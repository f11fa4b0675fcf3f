import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joined, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { counter, folder, gauge, histogram, join, live } from '../../../index.ts';
import { scrape } from '../../../testing/index.ts';
import { acrossOf } from '../across.ts';
import { Member } from './member.ts';

let path = '';
beforeEach(() => {
  path = mkdtempSync(joined(tmpdir(), 'live-folder-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(path, { recursive: true, force: true });
});

const declare = (country = 'country') =>
  live({
    name: 'shop',
    metrics: {
      orders: counter({ name: 'orders_total', help: 'Orders.', labels: [country] }),
      busy: gauge({ name: 'busy', help: 'Busy.' }),
      took: histogram({ name: 'took_seconds', help: 'Took.', unit: 'seconds', buckets: [1] }),
    },
  });

/** A process that shares the folder. */
function member() {
  const shop = declare();
  const [across] = acrossOf('test', shop);
  const own = new Member(across!, path);
  const file = joined(path, readdirSync(path).find((name) => !before.has(name) && name.endsWith('.json'))!);
  before.add(file.slice(path.length + 1));
  return { shop, own, file };
}
let before = new Set<string>();
beforeEach(() => {
  before = new Set();
});

async function seen({ collector }: ReturnType<typeof declare>): Promise<unknown[]> {
  const { value } = await scrape(collector);
  return [value('orders_total', { country: 'pt' }), value('took_seconds_count'), value('busy')];
}

function count({ orders, busy, took }: ReturnType<typeof declare>, by: number): void {
  orders.inc({ country: 'pt' }, by);
  busy.set(by);
  took.observe(0.5);
}

/** Makes a file look as if its process had not run for so long. */
function silence(file: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  utimesSync(file, then, then);
}

describe('processes that share a folder', () => {
  it('serve the counts of all, whichever is scraped', async () => {
    const [one, two, three] = [member(), member(), member()];
    for (const [i, { shop }] of [one, two, three].entries()) count(shop, 2 ** i);
    for (const { own } of [one, two, three]) await own.write();
    for (const { shop } of [one, two, three]) expect(await seen(shop)).toEqual([7, 3, 7]);
    count(two.shop, 0.5);
    await two.own.write();
    expect(await seen(one.shop)).toEqual([7.5, 4, 5.5]);
    expect(await seen(three.shop)).toEqual([7.5, 4, 5.5]);
  });

  it('serve exemplars of all, also of those that have ended', async () => {
    const [one, two] = [member(), member()];
    const newest = async ({ collector }: ReturnType<typeof declare>): Promise<unknown[]> => {
      await scrape(collector);
      const { families } = collector.feed!.freeze();
      const exemplars = families.flatMap((family) => family.exemplars ?? []);
      return exemplars.flatMap((exemplar) => (exemplar === undefined ? [] : [exemplar.labels]));
    };
    two.shop.orders.inc({ country: 'pt' }, 1, { order: '7' });
    two.shop.took.observe(0.5, { trace_id: 'a'.repeat(32) });
    await two.own.write();
    const all = [{ order: '7' }, { trace_id: 'a'.repeat(32) }];
    expect(await newest(one.shop)).toEqual(all);
    two.own.writeLast(true);
    await one.own.inherit();
    expect(readdirSync(path).length).toBe(1);
    expect(await newest(one.shop)).toEqual(all);
  });

  it('keep counts of those that end, in one of them, and never count twice', async () => {
    const [one, two, ended, killed] = [member(), member(), member(), member()];
    const all = [one, two, ended, killed];
    for (const [i, { shop }] of all.entries()) count(shop, 2 ** i);
    for (const { own } of all) await own.write();
    ended.own.writeLast(true);
    silence(killed.file, 20);
    const kept = [15, 4, 3];
    for (const { shop } of [one, two]) expect(await seen(shop)).toEqual(kept);
    // Both at once: one of them inherits.
    await Promise.all([one.own.inherit(), two.own.inherit()]);
    expect(readdirSync(path).length).toBe(3);
    for (const { shop } of [one, two]) expect(await seen(shop)).toEqual(kept);
    // Whichever did not inherit has written nothing since; the other would watch it for ended as well.
    for (const { own } of [one, two]) await own.write();
    // The killed one may only be busy, so it is watched for a minute.
    const now = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 61_000);
    await two.own.inherit();
    now.mockRestore();
    expect(readdirSync(path).length).toBe(2);
    for (const { shop } of [one, two]) expect(await seen(shop)).toEqual(kept);
    one.own.writeLast(true);
    await two.own.inherit();
    expect(await seen(two.shop)).toEqual([15, 4, 2]);
    // A restart of all.
    two.own.writeLast(true);
    const next = member();
    expect(await seen(next.shop)).toEqual([15, 4, undefined]);
    await next.own.inherit();
    expect(await seen(next.shop)).toEqual([15, 4, undefined]);
    expect(readdirSync(path).length).toBe(1);
  });

  it('count once what was inherited from a process that was only suspended', async () => {
    const [one, suspended] = [member(), member()];
    count(one.shop, 1);
    count(suspended.shop, 2);
    for (const { own } of [one, suspended]) await own.write();
    await one.own.inherit();
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 61_000);
    await one.own.inherit();
    vi.restoreAllMocks();
    expect(await seen(one.shop)).toEqual([3, 2, 1]);
    count(suspended.shop, 4);
    await suspended.own.write();
    await one.own.write();
    for (const { shop } of [one, suspended]) expect(await seen(shop)).toEqual([7, 3, 5]);
    await one.own.inherit();
    for (const { shop } of [one, suspended]) expect(await seen(shop)).toEqual([7, 3, 5]);
  });

  it('take over where an heir has ended in between', async () => {
    const [one, heir, ended] = [member(), member(), member()];
    count(ended.shop, 8);
    ended.own.writeLast(true);
    count(heir.shop, 1);
    // It has taken the file, and no more.
    const half = ended.file.replace(/\.json$/, `.${/([0-9a-f]{12})\.json/.exec(heir.file)![1]}.json`);
    writeFileSync(half, readFileSync(ended.file));
    rmSync(ended.file);
    await one.own.inherit();
    expect(readdirSync(path).length).toBe(3);
    heir.own.writeLast(true);
    expect((await seen(one.shop))[0]).toBe(9);
    await one.own.inherit();
    expect((await seen(one.shop))[0]).toBe(9);
    expect(readdirSync(path).length).toBe(1);
  });

  it('are not harmed by files that are torn, of others, or of no file at all', async () => {
    const [one, two] = [member(), member()];
    count(one.shop, 1);
    count(two.shop, 2);
    await two.own.write();
    const whole = readFileSync(two.file, 'utf8');
    expect(await seen(one.shop)).toEqual([3, 2, 3]);
    // As a copy of a disk might leave it.
    writeFileSync(two.file, whole.slice(0, whole.length / 2));
    await expect(seen(one.shop)).rejects.toThrow(/is not a whole snapshot/);
    expect(await seen(one.shop)).toEqual([3, 2, 3]);
    const wrong = {
      empty: '',
      text: 'hello',
      null: 'null',
      other: JSON.stringify({ 'exporter-kit': 'folder/2' }),
      halfRight: JSON.stringify({ 'exporter-kit': 'folder/1', shape: 'x', inherited: [], families: [] }),
      wrongRows: whole.replace('"pt"', '7'),
    };
    for (const [i, text] of Object.values(wrong).entries()) {
      writeFileSync(joined(path, `shop.${String(i).padStart(12, '0')}.json`), text);
      await expect(seen(one.shop), text).rejects.toThrow(/is not a whole snapshot|other declarations|is malformed/);
    }
    mkdirSync(joined(path, `shop.${'a'.repeat(12)}.json`));
    symlinkSync('/dev/zero', joined(path, `shop.${'b'.repeat(12)}.json`));
    await expect(seen(one.shop)).rejects.toThrow(/is not a whole snapshot/);
    writeFileSync(joined(path, 'shop.json'), 'theirs');
    writeFileSync(joined(path, 'other.000000000000.json'), 'theirs');
    expect(await seen(one.shop)).toEqual([3, 2, 3]);
    await one.own.inherit();
    expect(readdirSync(path)).toContain('other.000000000000.json');
  });

  it('of other declarations are left out, and their files removed after a day', async () => {
    const one = member();
    count(one.shop, 1);
    const other = declare('land');
    new Member(acrossOf('test', other)[0]!, path);
    await expect(seen(one.shop)).rejects.toThrow(/other declarations/);
    expect(await seen(one.shop)).toEqual([1, 1, 1]);
    const file = joined(path, readdirSync(path).find((name) => !one.file.endsWith(name))!);
    writeFileSync(`${one.file}.next.tmp`, '{');
    writeFileSync(joined(path, 'shop.notes.tmp'), 'theirs');
    await one.own.inherit();
    expect(readdirSync(path).length).toBe(4);
    silence(file, 86_500);
    silence(`${one.file}.next.tmp`, 86_500);
    silence(joined(path, 'shop.notes.tmp'), 86_500);
    await one.own.inherit();
    expect(readdirSync(path).sort()).toEqual([one.file.slice(path.length + 1), 'shop.notes.tmp'].sort());
  });

  it('say so when the folder has become something else, and go on when it is one again', async () => {
    const [one, two] = [member(), member()];
    count(one.shop, 1);
    count(two.shop, 2);
    await two.own.write();
    expect(await seen(one.shop)).toEqual([3, 2, 3]);
    rmSync(path, { recursive: true });
    writeFileSync(path, '');
    await one.own.write();
    await expect(seen(one.shop)).rejects.toThrow(/^live shop: .*\/live-folder-\w+ can't be read: ENOTDIR/);
    rmSync(path);
    for (const { own } of [one, two]) await own.write();
    expect(await seen(one.shop)).toEqual([3, 2, 3]);
  });

  it('go on when the folder is removed', async () => {
    const [one, two] = [member(), member()];
    count(one.shop, 1);
    count(two.shop, 2);
    rmSync(path, { recursive: true });
    await one.own.write();
    expect(await seen(one.shop)).toEqual([1, 1, 1]);
    await two.own.write();
    expect(await seen(one.shop)).toEqual([3, 2, 3]);
  });
});

describe.skipIf(!existsSync('/dev/full'))('on a full disk, processes', () => {
  /** The next time that a member writes, the disk is full. */
  const fill = ({ file }: { readonly file: string }): void => symlinkSync('/dev/full', `${file}.next.tmp`);

  it('keep what is written, say so, leave no halves, and catch up', async () => {
    const [one, two] = [member(), member()];
    count(one.shop, 1);
    await one.own.write();
    fill(one);
    count(one.shop, 2);
    await one.own.write();
    await expect(seen(one.shop)).rejects.toThrow(/shop\.\w+\.json can't be written: ENOSPC.*older counts of this one/);
    expect(await seen(one.shop)).toEqual([3, 2, 2]);
    expect(await seen(two.shop)).toEqual([1, 1, 1]);
    expect(readdirSync(path).length).toBe(2);
    await one.own.write();
    expect(await seen(two.shop)).toEqual([3, 2, 2]);
  });

  it('lose nothing that they inherit', async () => {
    const [heir, other, ended] = [member(), member(), member()];
    count(ended.shop, 4);
    ended.own.writeLast(true);
    fill(heir);
    await heir.own.inherit();
    await expect(seen(heir.shop)).rejects.toThrow('ENOSPC');
    for (const { shop } of [heir, other]) expect((await seen(shop)).slice(0, 2)).toEqual([4, 1]);
    const late = member();
    expect((await seen(late.shop)).slice(0, 2)).toEqual([4, 1]);
    await heir.own.write();
    for (const { shop } of [heir, other, late]) expect((await seen(shop)).slice(0, 2)).toEqual([4, 1]);
    expect(readdirSync(path).length).toBe(3);
  });

  it('find what was inherited when the heir has ended before there was room', async () => {
    const [heir, other, ended] = [member(), member(), member()];
    count(ended.shop, 4);
    ended.own.writeLast(true);
    fill(heir);
    await heir.own.inherit();
    // Killed, and silent for long.
    const clock = vi.spyOn(performance, 'now');
    for (let looks = 0, now = performance.now(); looks < 4; looks++) {
      now += 61_000;
      clock.mockReturnValue(now);
      await other.own.inherit();
      expect((await seen(other.shop)).slice(0, 2)).toEqual([4, 1]);
    }
    expect(readdirSync(path).length).toBe(1);
  });
});

describe('join with a folder', () => {
  it('writes what is counted until it leaves; twice is once', async () => {
    const [one, two] = [declare(), declare()];
    const place = joined(path, 'not', 'yet');
    const memberships = [join(one, folder(place)), join(one, folder(place)), join(two, folder(place))];
    expect(readdirSync(place).length).toBe(2);
    count(one, 1);
    await memberships[0]!.leave();
    expect(await seen(two)).toEqual([1, 1, undefined]);
    await memberships[2]!.leave();
  });

  it('joins a folder once, however its path is written', async () => {
    const one = declare();
    const memberships = [folder(path), folder(`${path}/`), folder(`${path}/x/..`)].map((each) => join(one, each));
    expect(readdirSync(path).length).toBe(1);
    for (const membership of memberships) await membership.leave();
  });

  it.each([
    ['a file', 'file', 'file is not a folder'],
    ['a path below a file', 'file/x', 'ENOTDIR'],
    ['a link to nothing', 'dangling', 'dangling is a link to nothing'],
    ['a path below a link to nothing', 'dangling/x', 'dangling is a link to nothing'],
    ['a place where nothing can be made', '/proc/nope/x', 'nothing can be made in /proc'],
    ['a place whose folders are not for files', '/proc/self', '/proc/'],
    ['no path', 'a\0b', 'null bytes'],
  ])('throws for %s, and leaves the live value as it was', async (_, place, why) => {
    writeFileSync(joined(path, 'file'), '');
    symlinkSync(joined(path, 'nowhere'), joined(path, 'dangling'));
    const shop = declare();
    count(shop, 1);
    const to = folder(resolve(path, place));
    expect(() => join(shop, to)).toThrow(`join: live shop can't use the folder ${to.path}: `);
    expect(() => join(shop, to)).toThrow(why);
    expect(() => join(shop, to)).toThrow("Give this process' user a folder that it can read and write.");
    expect(acrossOf('test', shop)[0]!.isJoined).toBe(false);
    expect(await seen(shop)).toEqual([1, 1, 1]);
  });

  it('throws for no path at all', () => {
    expect(() => folder('')).toThrow('expected the path of a folder');
    expect(() => folder(undefined as never)).toThrow('expected the path of a folder');
  });
});
