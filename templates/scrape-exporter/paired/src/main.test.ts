import { checkViews, run } from 'exporter-kit';
import { it, vi } from 'vitest';

vi.mock('exporter-kit', async (original) => ({ ...(await original<object>()), run: vi.fn() }));

it('declares what its views show', async () => {
  await import('./main.ts');
  const [exporter, options] = vi.mocked(run).mock.calls[0]!;
  // After a change of metrics: npm run views.
  await checkViews(exporter, options, new URL('../views', import.meta.url));
});
