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
      spellings.remember(labels, row);
    }
    // Those that found no place until the print was made of more characters are remembered when they come again.
    for (const [row, labels] of spelled.entries()) if (spellings.find(labels) < 0) spellings.remember(labels, row);
    expect(found()).toBeGreaterThan(0.99 * spelled.length);
    spellings.keep((row) => row < 10);
    expect(found()).toBe(10);
    expect(spellings.find({ ok: true, method: 'GET', value: valueFor(ids[0]!, 0) })).toBe(0);
    expect(spellings.find({ ...spelled[0], other: '' })).toBe(-1);
    expect(spellings.find({ ...spelled[0], method: 'POST' })).toBe(-1);
  });
});
