import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gauge } from '../../metric/declare.ts';
import { countDrops } from '../store/drops.ts';
import { Store } from '../store/store.ts';
import { joiner, joinParts, type Part } from './join.ts';

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
