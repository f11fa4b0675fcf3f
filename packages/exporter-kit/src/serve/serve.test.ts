import { expect, it, vi } from 'vitest';
import { collector, exporter, serve } from '../index.ts';

it('without a logger, serve() says on standard error why a collector failed', async () => {
  const said: string[] = [];
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const broken = collector({
    name: 'broken',
    metrics: {},
    collect() {
      throw new Error('no such queue');
    },
  });
  const { url, close } = await serve(exporter({ name: 'test_exporter', collectors: [broken] }));
  await fetch(`${url}metrics`);
  await close(0);
  write.mockRestore();
  expect(said.join('')).toMatch(/^time="[^"]+" level="(warn|error)" .*no such queue.*\n$/);
});
