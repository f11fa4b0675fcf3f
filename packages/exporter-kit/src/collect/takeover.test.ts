import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { gauge } from '../metric/declare.ts';
import { type Collector, collector } from './collector.ts';
import { exporter } from './exporter.ts';
import { type Gatherer, gatherer } from './scrape/gather.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const runs = { count: 0 };
const counted = collector({
  name: 'counted',
  cacheForMs: 60_000,
  metrics: { runs: gauge({ name: 'runs', help: 'How often it has run.' }) },
  collect: ({ runs: write }) => write.set(++runs.count),
});
const shop = exporter({ name: 'shop_exporter', collectors: [counted] });

async function gathered(live: Gatherer): Promise<void> {
  const { snapshot } = await live.gather({ deadline: performance.now() + 1000 });
  snapshot.release();
}

describe('a gatherer that takes the place of another', () => {
  it('takes over the runners of collectors that are the same under the same settings', async () => {
    const first = gatherer(shop, [counted], { settings: { counted: { a: [1] } } });
    await gathered(first);
    const before = runs.count;
    const same = gatherer(shop, [counted], { settings: { counted: { a: [1] } }, earlier: first });
    await gathered(same);
    expect([runs.count, same.runners[0]?.last()?.series]).toEqual([before, 1]);
    const otherSettings = gatherer(shop, [counted], { settings: { counted: { a: [2] } }, earlier: same });
    const likeIt: Collector = { ...counted };
    const otherCollector = gatherer(shop, [likeIt], { settings: { counted: { a: [1] } }, earlier: same });
    for (const other of [otherSettings, otherCollector]) {
      expect(other.runners[0]?.last()).toBeUndefined();
      await gathered(other);
    }
    expect(runs.count).toBe(before + 2);
  });

  it('does not keep it in memory', async () => {
    let live = gatherer(shop, [counted]);
    const first = new WeakRef(live);
    for (let i = 0; i < 3; i++) live = gatherer(shop, [counted], { earlier: live });
    await gathered(live);
    // A WeakRef holds what it refers to until the turn ends.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(first.deref()).toBeUndefined();
    expect(live.runners).toHaveLength(1);
  });
});
