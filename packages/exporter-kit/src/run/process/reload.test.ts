import { expect, it } from 'vitest';
import { silent } from '../../collect/context.ts';
import { exporter } from '../../collect/exporter.ts';
import { reloader } from './reload.ts';

it('applies one time after the other; who asks meanwhile shares the next time', async () => {
  let file = 0;
  let under = 0;
  const read: number[] = [];
  const { reload } = reloader(exporter({ name: 'x_exporter' }), silent, async () => {
    expect(under++).toBe(0);
    const seen = file;
    await new Promise((resolve) => setImmediate(resolve));
    read.push(seen);
    under--;
  });
  const first = reload('a').then(() => {
    // At the very moment when it ends.
    file = 4;
    return reload('b');
  });
  file = 1;
  await Promise.resolve();
  await Promise.resolve();
  const shared = [2, 3].map((content) => {
    file = content;
    return reload('c');
  });
  expect(await Promise.all([first, ...shared])).toEqual([true, true, true]);
  expect(read[0]).toBeLessThan(3);
  expect(read.at(-1)).toBe(4);
  expect(read.length).toBeLessThanOrEqual(3);
});
