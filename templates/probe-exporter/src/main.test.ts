import { readFile } from 'node:fs/promises';
import { checkViews, flagTable, run } from 'exporter-kit';
import { expect, it, vi } from 'vitest';

vi.mock('exporter-kit', async (original) => ({ ...(await original<object>()), run: vi.fn() }));

it('has the flags that its README lists', async () => {
  await import('./main.ts');
  const [exporter, options] = vi.mocked(run).mock.calls[0]!;
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  // As printed by `--help.markdown`.
  expect(readme).toContain(await flagTable(exporter, options));
});

it('declares what its views show', async () => {
  await import('./main.ts');
  const [exporter, options] = vi.mocked(run).mock.calls[0]!;
  // After a change of metrics: npm run views.
  await checkViews(exporter, options, new URL('../views', import.meta.url));
});
