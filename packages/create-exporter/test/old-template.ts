import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseBaseFile } from '../src/project/base-file.ts';
import { edit } from './bed.ts';

/** Puts a template of a workspace back to an earlier version, kept in `test/old`. */
export async function formerTemplate(root: string, name: string, version: number): Promise<void> {
  const patch = `old/${name}-${version}.patch`;
  const files = parseBaseFile(await readFile(new URL(patch, import.meta.url), 'utf8'), patch);
  const folder = join(root, 'templates', name);
  await rm(folder, { recursive: true });
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/**
 * Takes a workspace's scrape template back to its first version, as a user may have scaffolded from: other file names, no
 * list of what was added, a file that is gone today, and other words where the user is going to edit, or not.
 */
export async function olderTemplate(root: string): Promise<void> {
  await formerTemplate(root, 'scrape-exporter', 3);
  const at = (path: string): string => join('templates/scrape-exporter', path);
  await rename(join(root, at('test/acme-widget.prom')), join(root, at('test/golden.prom')));
  await rename(join(root, at('sample/acme-widget.json')), join(root, at('sample/reply.json')));
  await rm(join(root, at('src/added.ts')));
  await mkdir(join(root, at('docs')), { recursive: true });
  await writeFile(join(root, at('docs/old.md')), 'Acme Widget, as it was.\n');
  await writeFile(join(root, at('docs/older.md')), 'Acme Widget, as it was before.\n');
  await edit(root, at('template.json'), (text) =>
    text.replace(/ {2}"version": \d+,\n/, '').replace(/ {2}"accepts".*\n/, ''),
  );
  await edit(root, at('src/main.ts'), (text) => text.replace(/^import \{ added \}.*\n/m, '').replace(', ...added', ''));
  await edit(root, at('src/acme-widget.test.ts'), (text) =>
    text
      .replaceAll('sample/acme-widget.json', 'sample/reply.json')
      .replaceAll('test/acme-widget.prom', 'test/golden.prom'),
  );
  await edit(root, at('src/config.ts'), (text) => text.replaceAll('sample/acme-widget.json', 'sample/reply.json'));
  await edit(root, at('README.md'), (text) =>
    text
      .replaceAll('sample/acme-widget.json', 'sample/reply.json')
      .replaceAll('test/acme-widget.prom', 'test/golden.prom')
      .replace('Quick start', 'Start')
      .replace(/^4\. .*\n/m, ''),
  );
  await edit(root, at('package.json'), (text) => text.replace(/ {4}"prom-client".*\n/, ''));
}
