import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkSite } from './check-site.ts';

async function site(files: { readonly [path: string]: string }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'site-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'run'));
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  return folder;
}

const target = '<h1 id="top">x</h1>';

it('accepts links that lead somewhere', async () => {
  const links =
    '<a href="/kit/run/a.html#top">1</a> <a href="./run/a">2</a> <a href="/kit/">3</a> <a href="https://x.example">4</a>';
  await checkSite(await site({ 'index.html': `${links}<a href="#own" id="own">5</a>`, 'run/a.html': target }), '/kit/');
});

it('names each link that leads nowhere', async () => {
  const links = '<a href="/run/b.html">1</a> <a class="x" href="run/a.html#bottom">2</a>';
  const folder = await site({ 'index.html': links, 'run/a.html': target });
  await expect(checkSite(folder, '/')).rejects.toThrow(
    'index.html: /run/b.html leads to no page.\nindex.html: run/a.html#bottom leads to no heading.',
  );
});

it.each([
  '<script src="https://cdn.example/x.js"></script>',
  '<link rel="stylesheet" href="//fonts.example/x.css">',
  '<img src="https://pixel.example/x.gif">',
  '<style>@import "https://fonts.example/x.css";</style>',
])('names what is loaded from elsewhere: %s', async (tag) => {
  await expect(checkSite(await site({ 'index.html': tag }), '/')).rejects.toThrow('from elsewhere');
});
