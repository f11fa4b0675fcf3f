import { describe, expect, it } from 'vitest';
import { histogram, live, stateset } from '../../../index.ts';
import { tuneFrom } from './tuning.ts';

const metrics = {
  took: histogram({ name: 'shop_checkout_seconds', help: 'Time to check out.', unit: 'seconds', buckets: [0.1, 0.5] }),
  till: stateset({ name: 'shop_till', help: 'The till.', states: ['open', 'shut'] }),
};

describe('tuneFrom', () => {
  it('reads YAML, and nothing as no changes', async () => {
    expect(await tuneFrom(undefined)).toEqual({});
    expect(await tuneFrom('  \n')).toEqual({});
    const text = 'shop_checkout_seconds:\n  buckets: [1, 5]\nshop_till: { off: true }\n';
    expect(await tuneFrom(text, { metrics })).toEqual({
      shop_checkout_seconds: { buckets: [1, 5] },
      shop_till: { off: true },
    });
  });

  it.each([
    ['\nshop_tll: {}', 'SHOP:2: shop_tll is unknown; did you mean shop_till?'],
    ['shop_till:\n  of: true', 'SHOP:2: shop_till.of is unknown; did you mean off?'],
    ['shop_till:\n  off: yes', 'SHOP:2: shop_till.off must be true or false, not "yes".'],
    ['shop_till:', 'SHOP:1: shop_till must be a map, such as { off: true }, not null.'],
    ['shop_till: { off: true', 'SHOP:1: '],
    ['shop_till: {}\nshop_till: {}', 'SHOP:2: shop_till: duplicate key, first on line 1; remove one.'],
    ['a, b', 'SHOP:1: must be a map by the names of metrics, not "a, b".'],
    ['a: {}\nb: {}', 'SHOP:1: a is unknown; known: '],
  ])('refuses %j with its line', async (text, why) => {
    await expect(tuneFrom(text, { metrics, from: 'SHOP' })).rejects.toThrow(why);
  });

  it('leaves unknown names to `live`, if it does not know the metrics', async () => {
    const tune = await tuneFrom('shop_tll: { off: true }');
    expect(() => live({ name: 'shop', metrics, tune })).toThrow('did you mean shop_till?');
    await expect(tuneFrom('shop_tll: { of: true }')).rejects.toThrow(
      'tune:1: shop_tll.of is unknown; did you mean off?',
    );
  });
});
