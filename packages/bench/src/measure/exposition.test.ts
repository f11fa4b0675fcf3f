import { expect, it } from 'vitest';
import { difference, seriesKey } from './exposition.ts';

const expected = new Map([
  [seriesKey('bench_family0_bytes', { host: 'a', disk: 'b' }), 1.5],
  [seriesKey('bench_family1_seconds_bucket', { host: 'a', le: '1' }), 2],
]);
const first = 'bench_family0_bytes{disk="b",host="a"} 1.5\n';
const second = 'bench_family1_seconds_bucket{host="a",le="1.0"} 2\n';

it('accepts lines and labels in any order, and series that are not the bench’s', () => {
  expect(difference(expected, `# TYPE x gauge\nother 1\n${second}\n${first}`)).toBeUndefined();
  expect(difference(expected, `bench_family0_bytes{host="a",disk="b",} 1.50\n${second}`)).toBeUndefined();
});

it.each([
  ['too few', first, '2 series are expected, 1 are there'],
  ['one twice', first + first + second, 'twice there'],
  ['one too many', `${first}${second}bench_family0_bytes{disk="c",host="a"} 1\n`, 'nobody expects'],
  ['another value', first.replace('1.5', '1.6') + second, 'expected 1.5'],
  ['no value', first.replace('1.5', 'NaN') + second, 'expected 1.5'],
  ['garbage', 'bench_family0_bytes\n', 'cannot be read'],
  ['cut off', (first + second).slice(0, -1), 'does not end'],
])('reports the difference: %s', (_, body, why) => {
  expect(difference(expected, body)).toContain(why);
});
