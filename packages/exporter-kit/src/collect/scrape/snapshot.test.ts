import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gauge } from '../../metric/declare.ts';
import { countDrops } from '../store/drops.ts';
import { Store } from '../store/store.ts';
import { joiner, joinParts, type Part } from './snapshot.ts';

const waive = 'made up';
const metrics = ['b', 'a', 'c', 'a_total'].map((name) => gauge({ name, help: 'Made up.', waive }));
// Of the same name as the first, but another metric.
metrics.push(gauge({ name: 'b', help: 'Made up.', waive }), gauge({ name: 'b', help: 'Of another shape.', waive }));

/** A part that wrote these of the metrics, by number. */
function part(written: readonly number[], told: string[]): Part {
  const store = new Store({ title: 'test', metrics: {} }, countDrops(false));
  const { family } = store.begin() as { family: (metric: object) => { set(value: number): void } };
  for (const i of written) family(metrics[i]!).set(i);
  return { title: 'test', columns: store.snapshot().columns, conflict: (_series, detail) => told.push(detail) };
}

describe('joiner', () => {
  const parts = fc.array(fc.uniqueArray(fc.nat(metrics.length - 1), { maxLength: 4 }), { maxLength: 3 });

  it('joins as joinParts does, whatever it joined before', () => {
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 6 }), (scrapes) => {
        const join = joiner();
        for (const scrape of [...scrapes, ...scrapes.flatMap((one) => [one, one])]) {
          const [told, toldAnew]: [string[], string[]] = [[], []];
          const made = scrape.map((written) => part(written, told));
          const anew = made.map((one): Part => ({ ...one, conflict: (_series, detail) => toldAnew.push(detail) }));
          expect(join(made)).toEqual(joinParts(anew));
          expect(told).toEqual(toldAnew);
        }
      }),
    );
  });
});

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
