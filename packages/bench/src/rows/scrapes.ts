import type { Visit } from '../figures.ts';
import { check } from '../measure/check.ts';
import type { Contender } from '../measure/contender.ts';
import type { Served } from '../measure/expected.ts';
import { type Scraper, scraper } from '../measure/http.ts';
import { restedCpuMs } from '../measure/proc.ts';
import { interleave, withContenders } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

/** Options of the scrapes. */
export interface Scraped {
  readonly served: Served;
  readonly gzip?: boolean;
  /** The Accept header; default: none. */
  readonly accept?: string;
  /** Contenders that get none. */
  readonly inText?: readonly string[];
  /** Also measure blocks of the event loop. */
  readonly stall?: boolean;
}

// Small scrapes are too short to be measured one by one.
const SERIES_A_VISIT = 100_000;
const SLICE_MS = 200;
// Code that runs once per scrape, or per family, is hot only after thousands of them, so small ones need more time.
const warmCpuMs = (n: number): number => (n > 10_000 ? 500 : 2_000);

/** Scrapes one after the other, each with new values. */
export function scrapes({ served, gzip = false, stall = false, accept, inText = [] }: Scraped): Measure {
  return (entrants, { n, rounds }) =>
    withContenders(entrants, [served, String(n), 'told'], async (contenders) => {
      const zipped = gzip ? { 'accept-encoding': 'gzip' } : {};
      const reader = scraper(zipped);
      const scraping = accept === undefined ? reader : scraper({ ...zipped, accept });
      const scraperOf = ({ name }: Contender): Scraper => (inText.includes(name) ? reader : scraping);
      const many = Math.max(1, Math.floor(SERIES_A_VISIT / n));
      // All turns are made, and in order: counts of histograms add up.
      const turns = many > 1 ? 2 * many : 1;
      let last = 0;

      async function visit(contender: Contender, round: number): Promise<Visit> {
        const scrape = round * turns + 1;
        last = scrape + turns - 1;
        const prometheus = scraperOf(contender);
        if (many > 1) return several(contender, prometheus, { n, from: scrape, many });
        // Not measured: refills the processor's caches after the other contenders, if they hold so much.
        if (n <= SERIES_A_VISIT) await prometheus.scrape(contender.url);
        await contender.ask(`turn ${scrape}`);
        return once(contender, prometheus, { n, stall });
      }

      try {
        for (const contender of contenders) await contender.ask('turn 0');
        await check(contenders, reader, { served, count: n, n: 0 });
        await settle(contenders, scraperOf, warmCpuMs(n) * rounds);
        const measured = await interleave(contenders, { warmups: 1, rounds }, visit);
        await check(contenders, reader, { served, count: n, n: last });
        return measured;
      } finally {
        reader.close();
        scraping.close();
      }
    });
}

/**
 * Warms up for an amount of the contender's CPU time, so that a busy machine does not measure cold code. In short turns, as V8
 * discards code in processes that wait for long; contenders other than JavaScript get one turn.
 */
async function settle(
  contenders: readonly Contender[],
  scraperOf: (contender: Contender) => Scraper,
  cpuMs: number,
): Promise<void> {
  const left = new Map(contenders.map((contender) => [contender, contender.program.node ? cpuMs : 1]));
  while (left.size > 0) {
    for (const [contender, ms] of left) {
      const from = performance.now();
      const before = restedCpuMs(contender.pid);
      while (performance.now() - from < SLICE_MS) await scraperOf(contender).scrape(contender.url);
      const rest = ms - (restedCpuMs(contender.pid) - before);
      if (rest > 0) left.set(contender, rest);
      else left.delete(contender);
    }
  }
}

async function once(
  { pid, url, program, ask }: Contender,
  prometheus: Scraper,
  { n, stall }: { readonly n: number; readonly stall: boolean },
): Promise<Visit> {
  const watched = stall && program.node;
  if (watched) await ask('watch');
  const before = restedCpuMs(pid);
  const { bytes, wallMs } = await prometheus.scrape(url);
  const cpuMs = restedCpuMs(pid) - before;
  return {
    cpuMs,
    nsPerSeries: (cpuMs * 1e6) / n,
    wallMs,
    bytesPerSeries: bytes / n,
    ...(watched ? { stallMs: Number(await ask('stall')) } : {}),
  };
}

/**
 * Small scrapes, one after the other: reading CPU times between them would let caches and the processor cool down. The
 * contender's work to advance to new values is measured separately and subtracted.
 */
async function several(
  { pid, url, ask }: Contender,
  prometheus: Scraper,
  { n, from, many }: { readonly n: number; readonly from: number; readonly many: number },
): Promise<Visit> {
  const start = restedCpuMs(pid);
  for (let i = 0; i < many; i++) await ask(`turn ${from + i}`);
  const turned = restedCpuMs(pid);
  let [bytes, wallMs] = [0, 0];
  for (let i = many; i < 2 * many; i++) {
    await ask(`turn ${from + i}`);
    const answer = await prometheus.scrape(url);
    bytes += answer.bytes;
    wallMs += answer.wallMs;
  }
  const cpuMs = (restedCpuMs(pid) - turned - (turned - start)) / many;
  return { cpuMs, nsPerSeries: (cpuMs * 1e6) / n, wallMs: wallMs / many, bytesPerSeries: bytes / many / n };
}
