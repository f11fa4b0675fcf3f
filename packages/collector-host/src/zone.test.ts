import { expect, it } from 'vitest';
import { byRule } from './posix-rule.ts';
import { zoneIn } from './zone.ts';

/** A TZif file of version 2 with these transitions, `[seconds, type]`, and types, `[abbreviation, offset]`. */
function tzif(transitions: readonly [number, number][], types: readonly [string, number][], rule: string): Buffer {
  const block = (timeSize: number): Buffer => {
    const times = transitions.map(([at]) => {
      const time = Buffer.alloc(8);
      time.writeBigInt64BE(BigInt(at));
      return time.subarray(8 - timeSize);
    });
    const names = types.map(([name]) => `${name}\0`);
    const infos = types.map(([, offset], i) => {
      const info = Buffer.alloc(6);
      info.writeInt32BE(offset);
      info[5] = names.slice(0, i).join('').length;
      return info;
    });
    const head = Buffer.alloc(44);
    head.write('TZif2');
    // One leap second, one standard mark and one UTC mark: they must be skipped.
    const counts = [1, 1, 1, times.length, types.length, names.join('').length];
    counts.forEach((n, i) => {
      head.writeUInt32BE(n, 20 + i * 4);
    });
    const leap = Buffer.alloc(timeSize + 4);
    const indices = Buffer.from(transitions.map(([, type]) => type));
    return Buffer.concat([head, ...times, indices, ...infos, Buffer.from(names.join('')), leap, Buffer.alloc(2)]);
  };
  return Buffer.concat([block(4), block(8), Buffer.from(`\n${rule}\n`)]);
}

const berlin = tzif(
  [
    [1000, 1],
    [2000, 2],
    [3000, 1],
  ],
  [
    ['LMT', 3208],
    ['CET', 3600],
    ['CEST', 7200],
  ],
  'CET-1CEST,M3.5.0,M10.5.0/3',
);

const at = (file: Buffer, unixSeconds: number): (string | number)[] =>
  Object.values(zoneIn(file, unixSeconds, 'a file'));

it('finds abbreviation and offset in the list of transitions', () => {
  expect(at(berlin, 999)).toEqual(['LMT', 3208]);
  expect(at(berlin, 1000)).toEqual(['CET', 3600]);
  expect(at(berlin, 2999)).toEqual(['CEST', 7200]);
});

it('goes by the rule after the last transition', () => {
  expect(at(berlin, 3000)).toEqual(['CET', 3600]);
  expect(at(berlin, Date.UTC(2026, 6, 1) / 1000)).toEqual(['CEST', 7200]);
});

it.each([
  ['UTC0', 'UTC', 0, 'UTC', 0],
  ['<-03>3', '-03', -10_800, '-03', -10_800],
  ['<+0545>-5:45', '+0545', 20_700, '+0545', 20_700],
  ['EST5EDT,M3.2.0,M11.1.0', 'EST', -18_000, 'EDT', -14_400],
  ['EST5EDT', 'EST', -18_000, 'EDT', -14_400],
  ['IST-1GMT0,M10.5.0,M3.5.0/1', 'GMT', 0, 'IST', 3600],
  ['AEST-10AEDT,M10.1.0,M4.1.0/3', 'AEDT', 39_600, 'AEST', 36_000],
  ['<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', '+11', 39_600, '+1030', 37_800],
  ['<-02>2<-01>,M3.5.0/-1,M10.5.0/0', '-02', -7200, '-01', -3600],
  ['CET-1CEST,J60,J300', 'CET', 3600, 'CEST', 7200],
  ['CET-1CEST,59,300', 'CET', 3600, 'CEST', 7200],
])('goes by the rule %s in winter and summer', (rule, winter, winterOffset, summer, summerOffset) => {
  expect(Object.values(byRule(rule, Date.UTC(2026, 0, 15) / 1000))).toEqual([winter, winterOffset]);
  expect(Object.values(byRule(rule, Date.UTC(2026, 6, 15) / 1000))).toEqual([summer, summerOffset]);
});

it('changes at the second that the rule says', () => {
  const rule = 'CET-1CEST,M3.5.0,M10.5.0/3';
  const spring = Date.UTC(2026, 2, 29, 1) / 1000;
  const autumn = Date.UTC(2026, 9, 25, 1) / 1000;
  const offsets = [spring - 1, spring, autumn - 1, autumn].map((time) => byRule(rule, time).offsetSeconds);
  expect(offsets).toEqual([3600, 7200, 7200, 3600]);
});

it.each([
  ['J60', 2024, '2024-03-01'],
  ['J59', 2024, '2024-02-28'],
  ['59', 2024, '2024-02-29'],
  ['59', 2026, '2026-03-01'],
  ['M2.5.4', 2024, '2024-02-29'],
])('begins summer on %s of %i', (date, year, day) => {
  const begins = Date.parse(`${day}T01:00:00Z`) / 1000;
  const rule = `CET-1CEST,${date},M10.5.0`;
  expect([begins - 1, begins].map((time) => byRule(rule, time).abbreviation)).toEqual(['CET', 'CEST']);
  expect(new Date(begins * 1000).getUTCFullYear()).toBe(year);
});

it('keeps to the list where there is no rule', () => {
  expect(at(tzif([[1, 0]], [['XYZ', 60]], ''), 5)).toEqual(['XYZ', 60]);
});

it.each([
  ['text', Buffer.from('# not a time zone')],
  ['nothing', Buffer.alloc(0)],
  ['half a file', berlin.subarray(0, 60)],
  ['a file with a garbled rule', tzif([], [['LMT', 1]], '%%%')],
])('does not take %s for one', (_, file) => {
  expect(() => zoneIn(file, 5, 'a file')).toThrow();
});
