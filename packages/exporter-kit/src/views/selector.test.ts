import { expect, it } from 'vitest';
import { by, is, isBound, selector } from './selector.ts';

it('quotes names outside the legacy syntax, and label values', () => {
  expect(selector('up')).toBe('up');
  expect(selector('up', 'a="1"', 'b="2"')).toBe('up{a="1", b="2"}');
  expect(selector('http.requests')).toBe('{"http.requests"}');
  expect(selector('a "b"', 'c="1"')).toBe('{"a \\"b\\"", c="1"}');
  expect(by(['a', 'b.c'])).toBe('by (a, "b.c")');
  expect(is('b.c', 'x"\\\n')).toBe('"b.c"="x\\"\\\\\\n"');
});

it('finds a bucket by its bound, as written and as Prometheus stores it', () => {
  expect(isBound(1)).toBe('le=~"1|1[.]0"');
  expect(isBound(0.25)).toBe('le=~"0[.]25"');
  expect(isBound(-5)).toBe('le=~"-5|-5[.]0"');
  expect(isBound(0)).toBe('le=~"0|0[.]0"');
  expect(isBound(0.00001)).toBe('le=~"0[.]00001|1e-05"');
  expect(isBound(1e21)).toBe('le=~"1e[+]21"');
});
