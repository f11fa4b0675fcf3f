import { until } from 'test-servers';
import { get } from './get.ts';

/** Values by series, as one scrape has them. */
export type Scraped = ReadonlyMap<string, number>;

export async function scraped(url: string): Promise<Scraped> {
  const { text } = await get(new URL('metrics', url).href);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** Scrapes all the time, and keeps every fall of a counter or histogram. */
export interface Watch {
  readonly falls: readonly string[];
  /** Scrapes until these series have these values; `undefined`: are not there. */
  see(wanted: { readonly [series: string]: number | undefined }): Promise<void>;
  stop(): Promise<void>;
}

export function watch(url: string): Watch {
  const falls: string[] = [];
  let last: Scraped = new Map();
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      const now = await scraped(url);
      for (const [series, before] of last) {
        if (!/_(total|bucket|count|sum)(\{|$)/.test(series) || /dropped/.test(series)) continue;
        const value = now.get(series);
        if (value === undefined || value < before) falls.push(`${series}: ${value} after ${before}`);
      }
      last = now;
    }
  })();
  return {
    falls,
    async see(wanted) {
      const seen = (): string => JSON.stringify(Object.keys(wanted).map((series) => [series, last.get(series)]));
      const right = JSON.stringify(Object.entries(wanted));
      await until(right, async () => seen() === right || Promise.reject(new Error(seen())), 50_000);
    },
    async stop() {
      stopped = true;
      await loop;
    },
  };
}
