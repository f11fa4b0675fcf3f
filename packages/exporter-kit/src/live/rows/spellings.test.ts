import { describe, expect, it } from 'vitest';
import { Spellings } from './spellings.ts';

const ids = Array.from({ length: 1000 }, (_, i) => String(i).padStart(6, '0'));
const kinds: readonly [kind: string, (id: string, i: number) => unknown][] = [
  ['numbers at the end', (id) => `user-${id}`],
  ['numbers before a domain', (id) => `host-${id}.example.internal`],
  ['numbers in the middle, which no print looks at', (id) => `${id}${'-'.repeat(80)}`],
  ['lengths', (_, i) => 'a'.repeat(i)],
  ['numbers', (_, i) => i / 8],
  ['random', (_, i) => Math.imul(i + 1, 0x9e3779b1).toString(36)],
];

describe.each(kinds)('spellings with values that differ in %s', (_, valueFor) => {
  const spelled = ids.map((id, i) => ({ method: ['GET', 'PUT'][i % 2], value: valueFor(id, i), ok: i % 3 === 0 }));

  it('are found', () => {
    const spellings = new Spellings(['method', 'value', 'ok'], 8000);
    const found = (): number => spelled.filter((labels, row) => spellings.find(labels) === row).length;
    for (const [row, labels] of spelled.entries()) {
      expect(spellings.find(labels)).toBe(-1);
      spellings.learnOrder(labels);
      spellings.add(row, Object.values(labels));
    }
    // Those that found no place until the print was made of more characters are remembered when they come again.
    for (const [row, labels] of spelled.entries())
      if (spellings.find(labels) < 0) spellings.remember(Object.values(labels), row);
    expect(found()).toBeGreaterThan(0.99 * spelled.length);
    spellings.free(spelled.slice(10).map((_, i) => 10 + i));
    expect(found()).toBe(10);
    expect(spellings.find({ ok: true, method: 'GET', value: valueFor(ids[0]!, 0) })).toBe(0);
    expect(spellings.find({ ...spelled[0], other: '' })).toBe(-1);
    expect(spellings.find({ ...spelled[0], method: 'POST' })).toBe(-1);
  });
});

describe('spellings of a row', () => {
  const first = { code: 200, ok: true };
  const others = [
    { code: '200', ok: true },
    { ok: 'true', code: 200 },
  ];

  it('are found beside those of other rows, also when these have gone, and are forgotten with their own', () => {
    const spellings = new Spellings(['ok', 'code'], 8000);
    spellings.add(0, ['false', '404']);
    spellings.learnOrder(first);
    spellings.add(1, [true, 200]);
    for (const other of others) spellings.remember([other.ok, other.code], 1);
    for (const labels of [first, ...others]) expect(spellings.find(labels)).toBe(1);
    expect(spellings.find({ code: '404', ok: 'false' })).toBe(0);
    const frozen = spellings.freeze();
    spellings.free([0]);
    for (const labels of [first, ...others]) expect(spellings.find(labels)).toBe(1);
    expect(spellings.find({ code: '404', ok: 'false' })).toBe(-1);
    spellings.free([1]);
    for (const labels of [first, ...others]) expect(spellings.find(labels)).toBe(-1);
    expect([frozen(0), frozen(1)]).toEqual([
      ['false', '404'],
      [true, 200],
    ]);
  });

  it('are as many as are wanted, and learned again beyond that', () => {
    const spellings = new Spellings(['code'], 2);
    spellings.learnOrder({ code: 1 });
    spellings.add(0, [1]);
    for (const code of ['1', true, 'x']) spellings.remember([code], 0);
    expect([1, '1', true, 'x'].map((code) => spellings.find({ code }))).toEqual([0, -1, -1, 0]);
  });

  it('are not those of values that equal nothing', () => {
    const spellings = new Spellings(['code'], 2);
    spellings.learnOrder({ code: Number.NaN });
    spellings.add(0, [Number.NaN]);
    spellings.remember([Number.NaN], 0);
    expect(spellings.find({ code: Number.NaN })).toBe(-1);
    expect(spellings.find({ code: 'NaN' })).toBe(0);
  });
});
