import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeer, needPeers } from 'test-servers';
import { expect, it, onTestFinished } from 'vitest';
import { root, sitePages } from './documents.ts';

/** The scrape configurations on the pages: with their key, or marked by it as jobs alone. */
const configs: [string, string][] = [];
for (const path of sitePages) {
  const text = await readFile(join(root, path), 'utf8');
  for (const [, marked, yaml] of text.matchAll(/^```yaml( scrape_configs)?\n(.*?)^```$/gms)) {
    if (marked !== undefined) configs.push([path, `scrape_configs:\n${yaml}`]);
    else if (yaml!.startsWith('scrape_configs:')) configs.push([path, yaml!]);
  }
}

it('there are some', () => {
  expect(configs.length).toBeGreaterThan(2);
});

it.skipIf(!needPeers('promtool')).each(configs)('%s has one that promtool accepts', async (_, yaml) => {
  const folder = await mkdtemp(join(tmpdir(), 'scrape-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'prometheus.yml');
  await writeFile(file, yaml);
  execFileSync(findPeer('promtool')!, ['check', 'config', file], { stdio: 'pipe' });
});
