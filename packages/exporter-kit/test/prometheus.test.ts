import { fileURLToPath } from 'node:url';
import { needPeers, scrapeOf, startProgram, startPrometheus } from 'peers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseText } from '../src/index.ts';
import { get } from './get.ts';

const big = fileURLToPath(new URL('./programs/big.mjs', import.meta.url));

const ok = needPeers('prometheus');
describe.skipIf(!ok)('a real Prometheus', () => {
  it('takes every one of 150,000 series', async () => {
    const program = await startProgram([big], { until: /address=(\S+)/ });
    onTestFinished(async () => void (await program.stop('SIGKILL')));
    const url = `${program.match[1]}metrics`;
    const prometheus = await startPrometheus({
      scrapeConfigs: [{ ...scrapeOf('big', url), scrape_interval: '5s', scrape_timeout: '5s' }],
    });
    onTestFinished(() => prometheus.stop());
    await prometheus.waitFor('up{job="big"} == 1', undefined, 60_000);
    const whole = await get(url);
    const samples = parseText(whole.body.toString()).reduce((sum, family) => sum + family.samples.length, 0);
    const [scraped] = await prometheus.query('scrape_samples_scraped{job="big"}');
    const [kept] = await prometheus.query('count(size_bytes)');
    expect(samples).toBeGreaterThan(150_000);
    expect(scraped?.value).toBe(samples);
    expect(kept?.value).toBe(150_000);
  });
});
