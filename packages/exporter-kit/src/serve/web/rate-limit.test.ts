import { expect, it } from 'vitest';
import { rateLimit } from './rate-limit.ts';

it('does not stumble over fractions', () => {
  for (const now of [0.1, 1234.567, 98765.4321]) {
    for (const intervalMs of [0.3, 90_000, 3_600_000]) {
      const { take } = rateLimit({ intervalMs, burst: 2 });
      expect([take('a', now), take('a', now)]).toEqual([0, 0]);
      expect(take('a', now)).toBeGreaterThan(0);
    }
  }
});

it('lets a burst through, then one an interval', () => {
  const { take } = rateLimit({ intervalMs: 1000, burst: 3 });
  expect([0, 0, 0, 0, 500].map((now) => take('192.0.2.1', now))).toEqual([0, 0, 0, 1000, 500]);
  expect([1000, 1000, 9000, 9000, 9000, 9000].map((now) => take('192.0.2.1', now))).toEqual([0, 1000, 0, 0, 0, 1000]);
});

it.each([
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['192.0.2.1', '::ffff:192.0.2.1', true],
  ['2001:db8:0:1::1', '2001:db8:0:1:a:b:c:d', true],
  ['2001:db8::1', '2001:db8:0:0:9::', true],
  ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
  ['fe80::1%eth0', 'fe80::2%eth0', true],
  ['', '', true],
])('takes %s and %s for the same client: %s', (a, b, same) => {
  const { take } = rateLimit({ intervalMs: 1000, burst: 1 });
  take(a, 0);
  expect(take(b, 0) > 0).toBe(same);
});

it('tells a thousand clients apart, and remembers none that has been silent', () => {
  const { take } = rateLimit({ intervalMs: 1000, burst: 1 });
  for (let i = 0; i < 1000; i++) expect(take(`client ${i}`, 0)).toBe(0);
  // The rest share one bucket; those known keep theirs.
  expect(take('newcomer', 0)).toBe(0);
  expect(take('another', 0)).toBe(1000);
  expect(take('client 7', 0)).toBe(1000);
  expect(take('newcomer', 1000)).toBe(0);
  expect(take('another', 1000)).toBe(0);
});
