import type { Collector } from '../collect/collector.ts';
import type { LabelRecord } from '../collect/families.ts';
import type { ScrapeOptions } from './ask-target.ts';
import { scrape } from './scrape.ts';

/** How samples have changed. */
export interface Changes {
  /**
   * By how much the series with exactly these labels has changed; one that does not exist counts as 0. `undefined` if there
   * was none before and after.
   */
  value(name: string, labels?: LabelRecord): number | undefined;
}

/**
 * Scrapes a collector, calls `act`, scrapes again, and returns the differences: for instruments that other tests count with
 * too. Calls that were refused during `act` throw, as under {@link scrape}; earlier ones do not. Tests that run concurrently
 * would see each other's counts.
 *
 * @example
 * const { value } = await changes(shop.collector, () => checkout(order));
 * expect(value('shop_orders_total', { country: 'pt', paid: 'card' })).toBe(1);
 * @throws what `act` throws; what {@link scrape} throws.
 */
export async function changes(collector: Collector, act: () => unknown, options?: ScrapeOptions): Promise<Changes> {
  collector.feed?.freeze().takeRefused();
  const before = await scrape(collector, options);
  await act();
  const after = await scrape(collector, options);
  return {
    value(name, labels) {
      const [from, to] = [before.value(name, labels), after.value(name, labels)];
      if (from === undefined && to === undefined) return undefined;
      return Object.is(from, to) ? 0 : (to ?? 0) - (from ?? 0);
    },
  };
}
