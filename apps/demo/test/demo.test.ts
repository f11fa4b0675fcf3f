import { fileURLToPath } from 'node:url';
import { parseText } from 'exporter-kit/exposition';
import { needPeers, type Program, runProgram, scrapeOf, startProgram, startPrometheus } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const demo = at('../dist/main.js');
const scaffold = at('../../../.demo/demo-queue-exporter/dist/main.js');
const hostExporter = at('../../host-exporter/dist/main.js');

it('scaffolds, scrapes and pushes, twice in a row, in under a screenful', async () => {
  for (let run = 0; run < 2; run++) {
    const { code, stdout, stderr } = await runProgram([demo], { timeoutMs: 120_000 });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/demo_queue_items\{state="ready"\} 12/);
    expect(stdout).toMatch(/node_memory_MemTotal_bytes \d+/);
    expect(stdout).toMatch(/job_success\{job="backup"\} 1/);
    expect(stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+\/metrics/);
    expect(stdout.split('\n').length).toBeLessThan(30);
  }
});

async function start(script: string): Promise<string> {
  const program: Program = await startProgram([script, '--web.listen-address=127.0.0.1:0'], { until: /address=(\S+)/ });
  onTestFinished(async () => void (await program.stop()));
  return `${program.match[1]}metrics`;
}

/** Series of an exporter that do not fluctuate: counters, and gauges with constant values. */
async function facts(url: string): Promise<Map<string, number>> {
  const families = parseText(await (await fetch(url, { headers: { accept: 'text/plain' } })).text());
  const steady = /_info$|^demo_queue_|^node_(memory_MemTotal_bytes|boot_time_seconds|filesystem_size_bytes)$/;
  return new Map(
    families
      .filter(({ kind, name }) => kind === 'counter' || steady.test(name))
      .flatMap(({ samples }) => samples)
      .map(({ name, labels, value }) => [seriesOf(name, labels), value]),
  );
}

const ok = needPeers('prometheus');
describe.skipIf(!ok)('scraped by a real Prometheus', () => {
  it('both exporters are up, and what is queried back is what they exposed', async () => {
    const urls = { host: await start(hostExporter), queue: await start(scaffold) };
    const first = new Map([...(await Promise.all(Object.values(urls).map(facts)))].flatMap((map) => [...map]));
    const prometheus = await startPrometheus({
      scrapeConfigs: [scrapeOf('host', urls.host), scrapeOf('queue', urls.queue)],
    });
    onTestFinished(() => prometheus.stop());
    await prometheus.waitFor('sum(up) == 2');
    let compared = 0;
    for (const [job, url] of Object.entries(urls)) {
      // Of its latest scrape that was in time.
      const stored = await prometheus.query(`last_over_time({job="${job}"}[5m])`);
      const answer = new Map(
        stored.map(({ metric: { __name__, instance: _instance, job: _job, ...labels }, value }) => [
          seriesOf(__name__!, labels),
          value,
        ]),
      );
      // A value that is the same before and after was the same when Prometheus scraped it.
      for (const [series, value] of await facts(url)) {
        if (first.get(series) !== value) continue;
        expect(answer.get(series), series).toBe(value);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(100);
  });
});

/** Prometheus drops empty labels. */
function seriesOf(name: string, labels: { readonly [label: string]: string }): string {
  const pairs = Object.entries(labels).filter(([, value]) => value !== '');
  return `${name}${JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}
