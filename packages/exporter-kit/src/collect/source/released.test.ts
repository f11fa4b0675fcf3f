import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { gauge } from '../../metric/declare.ts';
import { collector } from '../collector.ts';
import { exporter } from '../exporter.ts';
import { gatherer } from '../scrape/gather.ts';
import { source } from './source.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('keeps nothing of the scrape that has opened its client', async () => {
  const thing = source({
    name: 'thing',
    up: gauge({ name: 'thing_up', help: 'Whether it answered.' }),
    open: () => ({}),
    read: () => ({}),
    close() {},
  });
  const sizes = collector({
    name: 'sizes',
    source: thing,
    metrics: { size: gauge({ name: 'thing_size', help: 'Its size.' }) },
    collect: ({ size }) => size.set(1),
  });
  const live = gatherer(exporter({ name: 'thing_exporter', collectors: [sizes] }), [sizes]);
  const gathered = async (): Promise<WeakRef<object>> => {
    const { snapshot } = await live.gather({ deadline: performance.now() + 10_000 });
    snapshot.release();
    return new WeakRef(snapshot);
  };
  const first = await gathered();
  await gathered();
  // A WeakRef holds what it refers to until the turn ends.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(first.deref()).toBeUndefined();
  expect(live.sources.targets[0]?.state().status).toBe('open');
  await live.sources.retire();
});
