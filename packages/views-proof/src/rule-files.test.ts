import { expect, it } from 'vitest';
import { hurry } from './rule-files.ts';

it('shortens durations in proportion, and nothing else', () => {
  const expr = 'rate(a[5m]) > 0 unless max_over_time(c[10m]) == 0 or time() - d > 93600';
  expect(hurry({ alert: 'A', expr, for: '15m' })).toEqual({
    alert: 'A',
    expr: 'rate(a[10s]) > 0 unless max_over_time(c[20s]) == 0 or time() - d > 93600',
    for: '30s',
  });
  expect(hurry({ alert: 'A', expr: 'b', for: '26h' }).for).toBe('30s');
  expect(hurry({ alert: 'A', expr: 'b', for: '2m' }).for).toBe('4s');
  expect(hurry({ expr: 'b' })).toEqual({ expr: 'b' });
  expect(() => hurry({ expr: 'rate(a[1h30m])' })).toThrow('1h30m');
});
