import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { home, repositoryAddress } from './repository-links.ts';

const page = join(fileURLToPath(new URL('../pages', import.meta.url)), 'write/probe.md');

it.each([
  ['../../../../SECURITY.md#limits', `${home}/blob/main/SECURITY.md#limits`],
  ['../../../../apps/probe-exporter', `${home}/tree/main/apps/probe-exporter`],
  ['../run/targets.md#probe', undefined],
  ['sources.md', undefined],
  ['#test-it', undefined],
  ['https://prometheus.io', undefined],
])('%s leads to %s', (href, address) => {
  expect(repositoryAddress(href, page)).toBe(address);
});

it('rejects a link to a file that does not exist', () => {
  expect(() => repositoryAddress('../../../../NOTHING.md', page)).toThrow('NOTHING.md, which does not exist');
});
