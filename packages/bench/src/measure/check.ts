import type { Contender } from './contender.ts';
import { expected, type Served } from './expected.ts';
import { difference } from './exposition.ts';
import type { Scraper } from './http.ts';

/**
 * Scrapes each contender and compares with the expected values of scrape `n`.
 *
 * @throws Error that names the contender and the first difference
 */
export async function check(
  contenders: readonly Contender[],
  scraper: Scraper,
  { served, count, n }: { readonly served: Served; readonly count: number; readonly n: number },
): Promise<void> {
  const lines = expected(served, count, n);
  for (const contender of contenders) await checkLines(contender, scraper, lines);
}

/**
 * Scrapes a contender and compares with the expected lines.
 *
 * @throws Error that names the contender and the first difference
 */
export async function checkLines(
  { name, url }: Contender,
  scraper: Scraper,
  lines: ReadonlyMap<string, number>,
): Promise<void> {
  const found = difference(lines, await scraper.read(url));
  if (found !== undefined) throw new Error(`${name} serves something else: ${found}`);
}
