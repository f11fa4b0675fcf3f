import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isInShard, parseShard, type Shard } from './shard.ts';

const shards = (of: number): Shard[] => Array.from({ length: of }, (_, i) => ({ index: i + 1, of }));
const ownerOf = (target: string, of: number): number[] =>
  shards(of)
    .filter((shard) => isInShard(shard, target))
    .map(({ index }) => index);

it('gives each target to exactly one shard', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 20 }), (target, of) => {
      expect(ownerOf(target, of)).toHaveLength(1);
    }),
  );
});

it('moves only the targets that a new shard gets', () => {
  const targets = Array.from({ length: 2000 }, (_, i) => `redis://db-${i}.example.com:6379`);
  const before = targets.map((target) => ownerOf(target, 4)[0]);
  const after = targets.map((target) => ownerOf(target, 5)[0]);
  const moved = targets.filter((_, i) => before[i] !== after[i]);
  expect(targets.every((_, i) => before[i] === after[i] || after[i] === 5)).toBe(true);
  // 400 are expected; this is 5 standard deviations.
  expect(Math.abs(moved.length - 400)).toBeLessThan(90);
  for (const { index } of shards(4)) {
    expect(Math.abs(before.filter((owner) => owner === index).length - 500)).toBeLessThan(100);
  }
});

it('stays the same from version to version', () => {
  expect(['a', 'b', 'c', 'd', 'e', 'f'].map((target) => ownerOf(target, 3)[0])).toEqual([3, 1, 1, 3, 1, 1]);
});

it.each(['', '1', '0/2', '3/2', '1/0', '-1/2', '1/2/3', '1 / 2', '1/10000'])('refuses %j', (text) => {
  expect(() => parseShard(text)).toThrow(`${JSON.stringify(text)} is not a share; write 1/2 for the first of two`);
});

it('reads its share', () => {
  expect(parseShard('2/3')).toEqual({ index: 2, of: 3 });
});
