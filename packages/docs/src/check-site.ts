import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * Checks a built site: what links name exists, the anchor too, and nothing is loaded from elsewhere.
 *
 * @throws Error with all findings.
 */
export async function checkSite(folder: string, base: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true })).map((file) => file.replaceAll('\\', '/'));
  const texts = new Map(
    await Promise.all(
      files
        .filter((file) => /\.(html|css)$/.test(file))
        .map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const),
    ),
  );
  const ids = new Map([...texts].map(([file, text]) => [file, idsIn(text)]));
  const findings = [...texts].flatMap(([file, text]) => [...deadLinks(file, text, base, ids), ...foreign(file, text)]);
  if (findings.length > 0) throw new Error(`${relative(process.cwd(), folder)}:\n${findings.join('\n')}`);
}

function idsIn(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!));
}

function* deadLinks(
  file: string,
  html: string,
  base: string,
  ids: ReadonlyMap<string, ReadonlySet<string>>,
): Generator<string> {
  for (const [, href] of html.matchAll(/<a [^>]*?href="([^"]+)"/g)) {
    const url = new URL(href!, `http://site${base}${file}`);
    if (url.host !== 'site') continue;
    const path = decodeURIComponent(url.pathname.slice(base.length)).replace(/(^|\/)$/, '$1index.html');
    const target = ids.get(path.endsWith('.html') ? path : `${path}.html`);
    if (target === undefined) yield `${file}: ${href} leads to no page.`;
    else if (url.hash !== '' && !target.has(decodeURIComponent(url.hash.slice(1))))
      yield `${file}: ${href} leads to no heading.`;
  }
}

function* foreign(file: string, text: string): Generator<string> {
  const loaded =
    /<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)="((?:https?:)?\/\/[^"]+)"|(?:url\(|@import )["']?((?:https?:)?\/\/[^"')]+)/g;
  for (const [, tag, style] of text.matchAll(loaded)) yield `${file} loads ${tag ?? style} from elsewhere.`;
}
