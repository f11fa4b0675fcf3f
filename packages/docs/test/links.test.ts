import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { anchorOf } from '../src/anchor.ts';
import { order } from '../src/sidebar.ts';
import { root, sitePages } from './documents.ts';

/** What people read on the repository's host: the pages, and every README. */
const read: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...['packages', 'apps'].flatMap((top) =>
    readdirSync(join(root, top))
      .map((name) => `${top}/${name}/README.md`)
      .filter((path) => existsSync(join(root, path))),
  ),
  ...sitePages,
];

const proseOf = (path: string): string => readFileSync(join(root, path), 'utf8').replace(/^```.*?^```$/gms, '');

function anchorsOf(path: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading] of proseOf(path).matchAll(/^#{1,6} (.*)$/gm)) {
    // Links in headings show their text.
    const anchor = anchorOf(heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'));
    let unique = anchor;
    for (let i = 1; anchors.has(unique); i++) unique = `${anchor}-${i}`;
    anchors.add(unique);
  }
  return anchors;
}

it.each(read)('%s has links that lead somewhere', (path) => {
  const links = [...proseOf(path).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, to]) => to!);
  const dead = links.filter((to) => {
    const [file = '', anchor] = to.split('#');
    const target = file === '' ? path : relative(root, resolve(root, dirname(path), file));
    if (!existsSync(join(root, target))) return true;
    if (anchor === undefined) return false;
    const page = statSync(join(root, target)).isDirectory() ? join(target, 'README.md') : target;
    return !anchorsOf(page).has(anchor);
  });
  expect(dead).toEqual([]);
});

it('the sidebar has every page', () => {
  const listed = Object.values(order).flat();
  const pages = sitePages.map((path) => path.replace(/^packages\/docs\/pages\/(.*)\.md$/, '$1'));
  expect([...listed].sort()).toEqual(pages.filter((page) => page !== 'index').sort());
});
