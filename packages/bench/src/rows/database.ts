import type { Visit } from '../figures.ts';
import type { Entrant } from '../measure/entrants.ts';
import { type Exporter, exporterCpuMs, exporterMb, startExporter, stopExporter } from '../measure/exporter.ts';
import { type Scraper, scraper } from '../measure/http.ts';
import { interleave } from '../measure/rounds.ts';
import type { Database, DatabaseKind, Told } from './databases.ts';
import type { Measure } from './row.ts';

// Of one server; fewer of several, as they run the same code. Exporters run for weeks: by then V8 has optimized what it will,
// and the heap has grown to where it stays.
const WARM_UP_SCRAPES = 600;
const LEAST_WARM_UPS = 100;
// After ten seconds, the kit's process judges how often to collect garbage by what it uses by then. With visits before and after
// that in one row, few rounds and many gave different ratios.
const SETTLED_MS = 12_000;
// One is too short to be measured.
const SCRAPES_A_VISIT = 10;
// Of the scrapes of a server that does not answer. Some exporters answer much later, or never.
const DEADLINE_S = 2;
const GIVE_UP_MS = 6_000;
const STOPPED_ROUNDS = 3;
// Share of a peer's families, and of their series, that the kit may lack: those about the peer itself.
const MAY_LACK = 0.05;
/** The contender that reads nothing and serves one series: what any exporter on Node needs. */
const FLOOR = 'node:http';

/** An exporter, and what one scrape of all its servers asks for. */
interface Asked extends Exporter {
  readonly urls: readonly string[];
}

/** Exporters of `n` real servers, scraped as Prometheus does; at last with one server that hangs. */
export function databaseScrapes(kind: DatabaseKind): Measure {
  return async (entrants, { n, rounds }) => {
    const servers: Database[] = [];
    const exporters: Asked[] = [];
    const one = scraper({ 'accept-encoding': 'gzip' }, n);
    try {
      for (let i = 0; i < n; i++) servers.push(await kind.start());
      for (const entrant of entrants) exporters.push(await startFor(kind, entrant, servers));
      const reading = exporters.filter(({ name }) => name !== FLOOR);
      await checkAnswers(kind, reading, one, n);
      const settledAt = performance.now() + SETTLED_MS;
      const warmUps = Math.max(LEAST_WARM_UPS, WARM_UP_SCRAPES / n);
      for (const exporter of exporters) {
        for (let i = 0; i < warmUps || performance.now() < settledAt; i++) await scrapeAll(exporter, one);
      }
      const measured = new Map(await interleave(exporters, { warmups: 1, rounds }, (exporter) => visit(exporter, one)));
      await checkAnswers(kind, reading, one, n);
      await servers.at(-1)!.freeze();
      const stopped = await interleave(reading, { warmups: 0, rounds: STOPPED_ROUNDS }, (exporter) =>
        scrapeStopped(kind, exporter, n),
      );
      for (const [name, figures] of stopped) measured.set(name, { ...measured.get(name), ...figures });
      return measured;
    } finally {
      one.close();
      await Promise.all([...exporters.map(stopExporter), ...servers.map((server) => server.stop())]);
    }
  };
}

async function startFor(kind: DatabaseKind, entrant: Entrant, servers: readonly Database[]): Promise<Asked> {
  const urls = servers.map(({ url }) => url);
  const { paths, ...start } = toldTo(kind, entrant.name, urls);
  const exporter = await startExporter(entrant, [start]);
  return { ...exporter, urls: paths.map((path) => exporter.processes[0]!.url + path) };
}

function toldTo(kind: DatabaseKind, name: string, urls: readonly string[]): Told {
  if (name === FLOOR) return { flags: [], paths: ['/metrics'] };
  return name === 'kit' ? kind.kit(urls) : kind.peer(urls);
}

async function visit(exporter: Asked, one: Scraper): Promise<Visit> {
  let wallMs = 0;
  const before = exporterCpuMs(exporter);
  for (let i = 0; i < SCRAPES_A_VISIT; i++) wallMs += await scrapeAll(exporter, one);
  const cpuMs = exporterCpuMs(exporter) - before;
  return { cpuMs: cpuMs / SCRAPES_A_VISIT, wallMs: wallMs / SCRAPES_A_VISIT, rssMb: exporterMb(exporter) };
}

/** Time until all servers have been answered for. */
async function scrapeAll({ urls }: Asked, one: Scraper): Promise<number> {
  const from = performance.now();
  await Promise.all(urls.map((url) => one.scrape(url)));
  return performance.now() - from;
}

/**
 * Time until all servers, one of which hangs, have been answered for, or until nobody waits any longer.
 *
 * @throws Error if the kit does not tell them apart
 */
async function scrapeStopped(kind: DatabaseKind, { name, urls }: Asked, n: number): Promise<Visit> {
  const from = performance.now();
  const signal = AbortSignal.timeout(GIVE_UP_MS);
  const headers = { 'x-prometheus-scrape-timeout-seconds': String(DEADLINE_S) };
  const read = async (url: string): Promise<string> => (await fetch(url, { headers, signal })).text();
  const answers = await Promise.all(urls.map((url) => read(url).catch(() => '')));
  const stoppedMs = performance.now() - from;
  const [up, down] = [1, 0].map((value) => serversAt(kind, value, answers));
  if (name === 'kit' && (up !== n - 1 || down !== 1)) {
    throw new Error(`kit: with one of ${n} servers stopped, ${kind.up} is 1 for ${up} and 0 for ${down}`);
  }
  return { stoppedMs };
}

/** Answers about all servers, and the kit's with the families and series of its peers. */
async function checkAnswers(kind: DatabaseKind, exporters: readonly Asked[], one: Scraper, n: number): Promise<void> {
  const seen = new Map<string, Seen>();
  for (const { name, urls } of exporters) {
    const answers = await Promise.all(urls.map((url) => one.read(url)));
    const up = serversAt(kind, 1, answers);
    if (up !== n) throw new Error(`${name}: ${kind.up} is 1 for ${up} of ${n} servers`);
    seen.set(name, seenIn(answers.join('\n'), kind.prefix));
  }
  const own = seen.get('kit');
  if (own === undefined) return;
  for (const [name, theirs] of seen) {
    const lacking = [...theirs.families].filter((family) => !own.families.has(family));
    if (lacking.length > theirs.families.size * MAY_LACK)
      throw new Error(`kit lacks families of ${name}: ${lacking.join(', ')}`);
    if (own.series < theirs.series * (1 - MAY_LACK))
      throw new Error(`kit has ${own.series} series, ${name} ${theirs.series}`);
  }
}

/** Families and number of series whose names begin like those of the database. */
interface Seen {
  readonly families: ReadonlySet<string>;
  readonly series: number;
}

function seenIn(text: string, prefix: string): Seen {
  const types = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, family]) => family!);
  return {
    families: new Set(types.filter((family) => family.startsWith(prefix))),
    series: text.split('\n').filter((line) => line.startsWith(prefix)).length,
  };
}

function serversAt({ up }: DatabaseKind, value: number, answers: readonly string[]): number {
  const line = new RegExp(`^${up}(\\{.*\\})? ${value}$`, 'gm');
  return answers.reduce((count, text) => count + [...text.matchAll(line)].length, 0);
}
