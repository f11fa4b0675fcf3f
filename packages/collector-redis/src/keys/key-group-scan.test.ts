import { expect, it } from 'vitest';
import { largest } from './key-group-scan.ts';

it('puts the groups with least memory together', () => {
  const group = (name: string, keys: number, bytes: number) => ({ group: name, keys, bytes });
  const groups = [group('a', 1, 10), group('b', 2, 30), group('c', 3, 10), group('d', 4, 20)];
  expect(largest(groups, 4)).toBe(groups);
  expect(largest(groups, 2)).toEqual([group('b', 2, 30), group('d', 4, 20), group('overflow', 4, 20)]);
});
