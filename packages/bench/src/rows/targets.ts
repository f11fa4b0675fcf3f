import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from 'test-servers';
import type { Visit } from '../figures.ts';
import type { Entrant } from '../measure/entrants.ts';
import { type Exporter, exporterCpuMs, exporterMb, startExporter, stopExporter } from '../measure/exporter.ts';
import { type Scraper, scraper } from '../measure/http.ts';
import { startRecorded } from '../measure/recorded-redis.ts';
import { interleave } from '../measure/rounds.ts';
import type { Measure } from './row.ts';

/** The scrape interval: within it, each target must be scraped. */
export const SWEEP_MS = 15_000;
// More than the 200 that the kit works on at the same time, so that the others wait in its queue.
const CONNECTIONS = 250;
const TIMEOUT_S = 10;
// A sweep is long enough to need few.
const MOST_ROUNDS = 3;

/** An exporter, and the URL of each target. */
interface Sweeper extends Exporter {
  readonly urls: readonly string[];
}

/**
 * All of `n` targets over one exporter, one request for each. The kit has them in its configuration, shared by `processes` of
 * it, and its URLs are those that it tells Prometheus.
 */
export function sweeps(processes: number): Measure {
  return async (entrants, { n, rounds }) => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-targets-'));
    const real = await startRedis();
    const exporters: Sweeper[] = [];
    const prometheus = scraper(
      { 'accept-encoding': 'gzip', 'x-prometheus-scrape-timeout-seconds': String(TIMEOUT_S) },
      CONNECTIONS,
    );
    try {
      const recorded = await startRecorded(real.port, n);
      try {
        const config = join(folder, 'targets.yml');
        await writeFile(config, targetsConfig(recorded.urls));
        for (const entrant of entrants) {
          exporters.push(
            entrant.name === 'kit'
              ? await startKit(entrant, config, processes)
              : await startPeer(entrant, recorded.urls),
          );
        }
        return await interleave(exporters, { warmups: 1, rounds: Math.min(rounds, MOST_ROUNDS) }, (exporter) =>
          sweep(exporter, n, prometheus),
        );
      } finally {
        prometheus.close();
        await Promise.all(exporters.map(stopExporter));
        await recorded.stop();
      }
    } finally {
      await real.stop();
      await rm(folder, { recursive: true });
    }
  };
}

function targetsConfig(urls: readonly string[]): string {
  return JSON.stringify({
    redis: { targets: Object.fromEntries(urls.map((addr, i) => [`server-${i}`, { addr }])) },
  });
}

async function startKit(entrant: Entrant, config: string, processes: number): Promise<Sweeper> {
  const starts = Array.from({ length: processes }, (_, i) => ({
    flags: [`--config.file=${config}`, ...(processes > 1 ? [`--shard=${i + 1}/${processes}`] : [])],
  }));
  const exporter = await startExporter(entrant, starts);
  const urls = await Promise.all(exporter.processes.map(({ url }) => discover(url)));
  return { ...exporter, urls: inTurns(urls) };
}

/** One of each list, then the next of each: Prometheus does not finish with one process before it asks another. */
function inTurns(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

async function startPeer(entrant: Entrant, targets: readonly string[]): Promise<Sweeper> {
  const exporter = await startExporter(entrant, [{ flags: [] }]);
  const { url } = exporter.processes[0]!;
  return { ...exporter, urls: targets.map((target) => `${url}/scrape?target=${encodeURIComponent(target)}`) };
}

/** What Prometheus makes of HTTP service discovery. */
async function discover(url: string): Promise<string[]> {
  const groups = (await (await fetch(`${url}/-/sd`)).json()) as {
    readonly targets: readonly string[];
    readonly labels: { readonly [label: string]: string };
  }[];
  return groups.flatMap(({ targets, labels: { __metrics_path__: path, __param_target: target } }) =>
    targets.map((host) => `http://${host}${path}?${new URLSearchParams({ target: target! })}`),
  );
}

/**
 * Scrapes each target once.
 *
 * @throws Error if one is lost: its scrape was refused, or said that the server is down
 */
async function sweep(exporter: Sweeper, n: number, prometheus: Scraper): Promise<Visit> {
  const { name, urls } = exporter;
  if (new Set(urls).size !== n) throw new Error(`${name} has ${new Set(urls).size} of ${n} targets`);
  const before = exporterCpuMs(exporter);
  const from = performance.now();
  const lost = (await Promise.all(urls.map((url) => reasonOfLoss(url, prometheus)))).filter((why) => why !== undefined);
  const wallMs = performance.now() - from;
  if (lost.length > 0) throw new Error(`${name} lost ${lost.length} of ${n} targets; the first: ${lost[0]}`);
  return { wallMs, msPerTarget: (exporterCpuMs(exporter) - before) / n, rssMb: exporterMb(exporter) };
}

async function reasonOfLoss(url: string, prometheus: Scraper): Promise<string | undefined> {
  try {
    const text = await prometheus.read(url);
    return /^redis_up(\{.*\})? 1$/m.test(text) ? undefined : `${url}: redis_up is not 1`;
  } catch (error) {
    return (error as Error).message;
  }
}
