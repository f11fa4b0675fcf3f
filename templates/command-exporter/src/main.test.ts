import { readFile } from 'node:fs/promises';
import { flagTable, run } from 'exporter-kit';
import { expect, it, vi } from 'vitest';
import { added } from './added.ts';

vi.mock('exporter-kit', async (original) => ({ ...(await original<object>()), run: vi.fn() }));

it('has the flags that its README tells of', async () => {
  await import('./main.ts');
  const [exporter, options] = vi.mocked(run).mock.calls[0]!;
  const flags = (await flagTable(exporter, options)).match(/^\| `--.*$/gm)!;
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const told = readme.match(/^\| `--.*$/gm);
  // What `--help.markdown` prints; those of collectors that were added need not be told.
  expect(flags).toEqual(expect.arrayContaining(told ?? []));
  const own = flags.filter((flag) => !added.some(({ name }) => flag.includes(`collector.${name}`)));
  expect(told).toEqual(expect.arrayContaining(own));
});
