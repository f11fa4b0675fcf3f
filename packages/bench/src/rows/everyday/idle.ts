import { setTimeout as sleep } from 'node:timers/promises';
import { type Exporter, exporterMb, startExporter, stopExporter } from '../../measure/exporter.ts';
import { scraper } from '../../measure/http.ts';
import { Tally } from '../../measure/rounds.ts';
import type { Measure } from '../row.ts';

const SCRAPES = 100;
// V8 gives memory back some seconds after it was last needed.
const IDLE_MS = 12_000;

/**
 * Memory of processes that were scraped and then left alone. One round: what differs is processes, and each run has new ones.
 */
export const idle: Measure = async (entrants, { n }) => {
  const tally = new Tally();
  const exporters: Exporter[] = [];
  const one = scraper();
  try {
    for (const entrant of entrants) {
      exporters.push(await startExporter(entrant, [{ flags: [], env: { BENCH_SERIES: String(n) } }]));
    }
    for (let i = 0; i < SCRAPES; i++) {
      for (const { processes } of exporters) await one.scrape(`${processes[0]!.url}/metrics`);
    }
    await sleep(IDLE_MS);
    for (const exporter of exporters) tally.add(exporter.name, { rssMb: exporterMb(exporter) });
  } finally {
    one.close();
    await Promise.all(exporters.map(stopExporter));
  }
  return tally.measured();
};
