import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const dist = (file: string): string => fileURLToPath(new URL(`../dist/${file}`, import.meta.url));

/** The files that are loaded with one: those that it imports, and so on. */
async function loadedWith(file: string, found: Map<string, string> = new Map()): Promise<Map<string, string>> {
  if (found.has(file)) return found;
  const text = await readFile(dist(file), 'utf8');
  found.set(file, text);
  for (const [, next] of text.matchAll(/^(?:import|export) .*?(?:from )?"\.\/(.+)";$/gm))
    await loadedWith(next!, found);
  return found;
}

// Each would cost every exporter memory and time to start: 80 kB of pushing, for example, half a megabyte.
it('an exporter loads nothing that only jobs, pages, probes, databases or readers of expositions need', async () => {
  const loaded = await loadedWith('exporter-process.js', await loadedWith('index.js'));
  expect([...loaded.keys()]).toContain('core.js');
  expect(
    [...loaded.keys()].filter((file) => /push|parse\.js|protobuf|spool|page|views|job|http2|zod/.test(file)),
  ).toEqual([]);
  expect(
    [...loaded.values()].filter((text) => /from "(node:(crypto|https|tls|zlib|worker_threads)|yaml)"/.test(text)),
  ).toEqual([]);
});
