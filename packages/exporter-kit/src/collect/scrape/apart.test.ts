import { expect, it } from 'vitest';
import { gauge } from '../../metric/declare.ts';
import { countDrops } from '../store/drops.ts';
import { Store } from '../store/store.ts';
import { joiner, type Part } from './join.ts';

const size = gauge({ name: 'size', help: 'Its size.', labels: ['of'] });

function stored(constLabels: { readonly [label: string]: string }) {
  const store = new Store({ title: 'a collector', metrics: { size }, constLabels }, countDrops(true));
  return (...of: string[]): Part => {
    const { size: writer } = store.begin() as { size: { set(labels: { of: string }, value: number): void } };
    for (const one of of) writer.set({ of: one }, 1);
    const conflict = (_: number, detail: string): never => {
      throw new Error(detail);
    };
    return { title: JSON.stringify(constLabels), columns: store.snapshot().columns, conflict };
  };
}

it('joins columns of one family by the labels of their collectors, in any mix from scrape to scrape', () => {
  const join = joiner();
  const parts = ['a', 'b', 'c'].map((server) => stored({ server }));
  const columnsOf = (chosen: readonly number[]): number => {
    const given = chosen.map((i) => parts[i]!('x', 'y'));
    const [family, ...others] = join(given);
    expect(others).toEqual([]);
    expect(family!.columns).toEqual(given.flatMap(({ columns }) => columns));
    return family!.columns.length;
  };
  for (const chosen of [[0, 1, 2], [0, 1, 2], [0, 2], [1], [1], [2, 1], [0, 1, 2]]) {
    expect(columnsOf(chosen)).toBe(chosen.length);
  }
});

it('finds series that two collectors write whose own labels are the same', () => {
  const join = joiner();
  const [one, same, other] = [stored({ server: 'a' }), stored({ server: 'a' }), stored({ site: 'a' })];
  expect(() => join([one('x'), same('x')])).toThrow('1 series of size are already written by {"server":"a"}');
  expect(join([one('x'), same('y')])[0]!.columns).toHaveLength(2);
  // Different names of labels are no guarantee by themselves, and are checked.
  expect(join([one('x'), other('x')])[0]!.columns).toHaveLength(2);
  expect(() => join([one('x'), other('x'), same('x')])).toThrow('already written');
});
