import { readFile } from 'node:fs/promises';
import { checkViews, flagTable, run } from 'exporter-kit';
import { expect, it, vi } from 'vitest';
import { added } from './added.ts';

vi.mock('exporter-kit', async (original) => ({ ...(await original<object>()), run: vi.fn() }));

it('has the flags that its README lists', async () => {
  await import('./main.ts');
  const [exporter, options] = vi.mocked(run).mock.calls[0]!;
  const flags = (await flagTable(exporter, options)).match(/^\| `--.*$/gm)!;
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const documented = readme.match(/^\| `--.*$/gm);
  // As printed by `--help.markdown`; flags of added collectors need not be listed.
  expect(flags).toEqual(expect.arrayContaining(documented ?? []));
  const adds = added.flatMap(({ name, source }) => [
    `collector.${name}`,
    ...(source === undefined ? [] : [`--${source.name}.`, '--shard', '--probe.']),
  ]);
  const own = flags.filter((flag) => !adds.some((text) => flag.replace('[no-]', '').includes(text)));
  expect(documented).toEqual(expect.arrayContaining(own));
});

it('declares what its views show', async () => {
  await import('./main.ts');
  const [exporter, options] = vi.mocked(run).mock.calls[0]!;
  // After a change of metrics: npm run views.
  await checkViews(exporter, options, new URL('../views', import.meta.url));
});
