import { expect, it } from 'vitest';
import { abbreviationIn } from './zone.ts';

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

it('finds the abbreviation in the list of transitions', () => {
  expect(abbreviationIn(berlin, 999, 3208)).toBe('LMT');
  expect(abbreviationIn(berlin, 1000, 3600)).toBe('CET');
  expect(abbreviationIn(berlin, 2999, 7200)).toBe('CEST');
});

it('goes by the rule after the last transition', () => {
  expect(abbreviationIn(berlin, 3000, 3600)).toBe('CET');
  expect(abbreviationIn(berlin, 1e9, 7200)).toBe('CEST');
});

it.each([
  ['UTC0', 0, 'UTC'],
  ['<-03>3', -10800, '-03'],
  ['<+0545>-5:45', 20700, '+0545'],
  ['EST5EDT,M3.2.0,M11.1.0', -14400, 'EDT'],
  ['IST-1GMT0,M10.5.0,M3.5.0/1', 0, 'GMT'],
])('reads the rule %s', (rule, offset, abbreviation) => {
  expect(abbreviationIn(tzif([], [['LMT', 1]], rule), 5, offset)).toBe(abbreviation);
});

it('keeps to the list where there is no rule', () => {
  expect(abbreviationIn(tzif([[1, 0]], [['XYZ', 60]], ''), 5, 60)).toBe('XYZ');
});

it('does not take other files for one', () => {
  expect(abbreviationIn(Buffer.from('# not a time zone'), 5, 0)).toBeUndefined();
  expect(abbreviationIn(Buffer.alloc(0), 5, 0)).toBeUndefined();
});
