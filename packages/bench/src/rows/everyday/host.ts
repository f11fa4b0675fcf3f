import type { Visit } from '../../figures.ts';
import type { Entrant } from '../../measure/entrants.ts';
import { type Exporter, exporterCpuMs, exporterMb, startExporter, stopExporter } from '../../measure/exporter.ts';
import { type Scraper, scraper } from '../../measure/http.ts';
import { interleave } from '../../measure/rounds.ts';
import type { Measure } from '../row.ts';

const WARM_UP_SCRAPES = 600;
const SCRAPES_A_VISIT = 20;
// Of both, and nothing about the exporters themselves.
const collectors = ['cpu', 'diskstats', 'filefd', 'filesystem', 'loadavg', 'meminfo', 'netdev', 'stat', 'time'].concat([
  'uname',
  'vmstat',
]);
const flagsOf: { readonly [name: string]: readonly string[] } = {
  kit: ['--no-collector.node_runtime', '--no-collector.textfile', '--web.disable-exporter-metrics'],
  node_exporter: [
    '--collector.disable-defaults',
    ...collectors.map((name) => `--collector.${name}`),
    '--web.disable-exporter-metrics',
  ],
};

/** Scrapes of this machine's /proc and /sys. */
export const host: Measure = async (entrants, { rounds }) => {
  const exporters: Exporter[] = [];
  const one = scraper();
  try {
    for (const entrant of entrants) exporters.push(await startFor(entrant));
    await checkFamilies(exporters, one);
    for (const exporter of exporters) await scrapes(exporter, one, WARM_UP_SCRAPES);
    return await interleave(exporters, { warmups: 1, rounds }, async (exporter): Promise<Visit> => {
      const before = exporterCpuMs(exporter);
      const wallMs = await scrapes(exporter, one, SCRAPES_A_VISIT);
      const cpuMs = (exporterCpuMs(exporter) - before) / SCRAPES_A_VISIT;
      return { cpuMs, wallMs: wallMs / SCRAPES_A_VISIT, rssMb: exporterMb(exporter) };
    });
  } finally {
    one.close();
    await Promise.all(exporters.map(stopExporter));
  }
};

const startFor = (entrant: Entrant): Promise<Exporter> => startExporter(entrant, [{ flags: flagsOf[entrant.name]! }]);
const urlOf = ({ processes }: Exporter): string => `${processes[0]!.url}/metrics`;

async function scrapes(exporter: Exporter, one: Scraper, times: number): Promise<number> {
  let wallMs = 0;
  for (let i = 0; i < times; i++) wallMs += (await one.scrape(urlOf(exporter))).wallMs;
  return wallMs;
}

/** @throws Error if the kit lacks a family of the other, or a tenth of its series. */
async function checkFamilies(exporters: readonly Exporter[], one: Scraper): Promise<void> {
  const texts = new Map<string, string>();
  for (const exporter of exporters) texts.set(exporter.name, await one.read(urlOf(exporter)));
  const [own, theirs] = [texts.get('kit'), texts.get('node_exporter')];
  if (own === undefined || theirs === undefined) return;
  const lacking = [...familiesOf(theirs)].filter((family) => !familiesOf(own).has(family));
  if (lacking.length > 0) throw new Error(`kit lacks families of node_exporter: ${lacking.join(', ')}`);
  const [few, many] = [seriesOf(own), seriesOf(theirs)];
  if (few < many * 0.9) throw new Error(`kit has ${few} series, node_exporter ${many}`);
}

// Without what they say about themselves.
const familiesOf = (text: string): Set<string> =>
  new Set([...text.matchAll(/^# TYPE (node_(?!exporter_|scrape_)\S+)/gm)].map(([, family]) => family!));
const seriesOf = (text: string): number =>
  text.split('\n').filter((line) => /^node_(?!exporter_|scrape_)/.test(line)).length;
