import { countDrops } from '../store/drops.ts';
import { type Frozen, Store } from '../store/store.ts';
import type { Metrics, Writers } from '../writers.ts';

/** Families that the kit writes about itself, anew for each answer. */
export interface About<Facts> {
  readonly metrics: Metrics;
  /** Writes them; release what it returns. */
  write(facts: Facts): Frozen;
}

/** Makes families about the kit: what they are, and the function that fills them. */
export function about<const M extends Metrics, Facts>(
  metrics: M,
  fill: (writers: Writers<M>, facts: Facts) => void,
): About<Facts> {
  // Some only want to know what the families are.
  let store: Store | undefined;
  return {
    metrics,
    write(facts) {
      store ??= new Store({ title: KIT, metrics }, countDrops(true));
      fill(store.begin() as unknown as Writers<M>, facts);
      return store.freeze();
    },
  };
}

/** Several that are released at once. */
export function together(all: readonly Frozen[]): Frozen {
  return {
    columns: all.flatMap(({ columns }) => columns),
    hold() {
      for (const one of all) one.hold();
    },
    release() {
      for (const one of all) one.release();
    },
  };
}

/** How messages name what the kit itself writes. */
export const KIT = 'the kit itself';
