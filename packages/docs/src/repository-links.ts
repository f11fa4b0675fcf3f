import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The part of markdown-it that this plugin uses. */
interface Markdown {
  readonly core: { readonly ruler: { push(name: string, rule: (state: State) => void): void } };
}
interface State {
  readonly tokens: readonly Token[];
  readonly env: { readonly path?: string };
}
interface Token {
  readonly type: string;
  readonly children: readonly Token[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const pages = fileURLToPath(new URL('../pages', import.meta.url));

/** Address of the repository, as its manifest has it. */
export const home: string = JSON.parse(readFileSync(resolve(repository, 'package.json'), 'utf8')).homepage.replace(
  /#.*/,
  '',
);

/** A plugin of markdown-it: links from a page to files of the repository lead to its host. */
export function repositoryLinks(markdown: Markdown): void {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      const outside = href !== null && env.path ? repositoryAddress(href, env.path) : undefined;
      if (outside !== undefined) token.attrSet('href', outside);
    }
  });
}

/**
 * Where a link of a page leads if that is a file outside of the pages; `undefined` for any other link.
 *
 * @throws Error if there is no such file.
 */
export function repositoryAddress(href: string, page: string): string | undefined {
  if (!/^\.{1,2}\//.test(href)) return undefined;
  const [path = '', fragment] = href.split('#');
  const file = resolve(dirname(page), path);
  if (!relative(pages, file).startsWith('..')) return undefined;
  if (!existsSync(file)) throw new Error(`${page} links to ${href}, which does not exist.`);
  const kind = statSync(file).isDirectory() ? 'tree' : 'blob';
  const place = relative(repository, file).replaceAll('\\', '/');
  return `${home}/${kind}/main/${place}${fragment === undefined ? '' : `#${fragment}`}`;
}
