import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from 'test-servers';
import { describe, expect, it } from 'vitest';
import { collector, gauge } from '../../src/index.ts';
import { parseText } from '../../src/parse/index.ts';
import { get, samplesOf, scraper, valueIn } from '../get.ts';
import { ask, counting, failing, heard, many, serving, untilInFlight, waiting } from '../serving.ts';

const age = (name: string): string => `test_scrape_collector_cache_age_seconds{collector="${name}"}`;

describe('a cached collector', () => {
  it('serves again what it found, says how old that is, and that it is cached', async () => {
    const [cached, fresh] = [counting('cached', { cacheForMs: 60_000 }), counting('fresh')];
    const url = await serving([cached.made, fresh.made]);
    const first = (await get(url)).text;
    const second = (await get(url)).text;
    expect([cached.runs.count, fresh.runs.count]).toEqual([1, 2]);
    expect([valueIn(second, 'cached_value'), valueIn(second, 'fresh_value')]).toEqual([1, 2]);
    expect(valueIn(first, age('cached'))).toBe(0);
    expect(valueIn(second, age('cached'))).toBeGreaterThan(0);
    expect(valueIn(second, age('fresh'))).toBeUndefined();
    const helps = parseText(second).map(({ name, help }) => `${name}: ${help}`);
    expect(helps).toContain('cached_value: How often it has run. (Cached for 60 s.)');
    expect(helps).toContain('fresh_value: How often it has run.');
  });

  it('is asked anew when its time is over', async () => {
    const cached = counting('cached', { cacheForMs: 40 });
    const url = await serving([cached.made]);
    const started = performance.now();
    const third = async (): Promise<true | undefined> =>
      valueIn((await get(url)).text, 'cached_value') === 3 ? true : undefined;
    await until('a third run', third, 50_000);
    expect(performance.now() - started).toBeGreaterThan(79);
  });

  it('caches no failure', async () => {
    let runs = 0;
    const flaky = collector({
      name: 'flaky',
      cacheForMs: 60_000,
      metrics: { value: gauge({ name: 'flaky_value', help: 'x' }) },
      collect({ value }) {
        if (++runs < 3) throw new Error('not yet');
        value.set(runs);
      },
    });
    const url = await serving([flaky, counting('other').made]);
    const values: (number | undefined)[] = [];
    for (let i = 0; i < 5; i++) {
      const { text } = await get(url);
      expect(valueIn(text, 'test_scrape_collector_success{collector="flaky"}')).toBe(i < 2 ? 0 : 1);
      if (i < 2) expect(valueIn(text, age('flaky'))).toBeUndefined();
      values.push(valueIn(text, 'flaky_value'));
    }
    expect(values).toEqual([undefined, undefined, 3, 3, 3]);
  });

  it('is run once for all who come while it runs, and for those after', async () => {
    const slow = waiting('slow', { cacheForMs: 60_000 });
    const url = await serving([slow.made]);
    const scrapes = [get(url), get(`${url}?collect[]=slow`), get(url, scraper)];
    await slow.started;
    await untilInFlight(url, 3);
    slow.go();
    await Promise.all(scrapes);
    expect(valueIn((await get(url)).text, 'slow_value')).toBe(1);
    expect(slow.runs.count).toBe(1);
  });
});

describe('maxSeries', () => {
  it('leaves out and counts what is above it, over all families', async () => {
    const labelled = (name: string) => gauge({ name, help: 'x', labels: ['l'] });
    const greedy = collector({
      name: 'greedy',
      maxSeries: 5,
      metrics: { a: labelled('a_value'), b: labelled('b_value') },
      collect({ a, b }) {
        for (let i = 0; i < 4; i++) a.set({ l: i }, i);
        for (let i = 0; i < 4; i++) b.set({ l: i }, i);
      },
    });
    const { log, said } = heard();
    const url = await serving([greedy], { log });
    for (let scrape = 1; scrape <= 3; scrape++) {
      const { text, status } = await get(url);
      expect(status).toBe(200);
      expect(samplesOf(text, 'a_value{').length).toBe(4);
      expect(samplesOf(text, 'b_value{')).toEqual(['b_value{l="0"} 0']);
      expect(valueIn(text, 'test_scrape_collector_success{collector="greedy"}')).toBe(1);
      const dropped = 'test_scrape_collector_dropped_samples_total{collector="greedy",reason="over_budget"}';
      expect(valueIn(text, dropped)).toBe(3 * scrape);
    }
    const told = said.filter(({ message }) => message === 'samples dropped');
    expect(told.map(({ facts }) => facts.reason)).toEqual(['over_budget']);
    expect(told[0]?.facts.first).toContain('b_value{l="1"}');
  });

  it('is no limit unless it is set', async () => {
    expect(samplesOf((await get(await serving([many(5000)]))).text, 'size_bytes{').length).toBe(5000);
  });
});

it('leaves out series whose labels are too long, and counts them', async () => {
  const values = [4096, 4097, 1_000_000].map((length) => 'x'.repeat(length));
  const wordy = collector({
    name: 'wordy',
    metrics: { value: gauge({ name: 'value', help: 'x', labels: ['l'] }) },
    collect({ value }) {
      for (const l of values) value.set({ l }, l.length);
    },
  });
  const { text } = await get(await serving([wordy]));
  expect(samplesOf(text, 'value{')).toEqual([`value{l="${values[0]}"} 4096`]);
  expect(valueIn(text, 'test_scrape_collector_dropped_samples_total{collector="wordy",reason="long_label"}')).toBe(2);
});

const requests = (code: number): string => `promhttp_metric_handler_requests_total{code="${code}"}`;

describe('what the exporter tells of itself', () => {
  it('counts scrapes by code, and bytes as they were sent', async () => {
    const url = await serving([many(300), failing('bad')]);
    const fresh = (await get(`${url}?exclude[]=bad`)).text;
    for (const code of [200, 500, 503]) expect(valueIn(fresh, requests(code))).toBe(0);
    expect(valueIn(fresh, 'promhttp_metric_handler_requests_in_flight')).toBe(1);
    expect(valueIn(fresh, `test_exporter_build_info{version="1.2.3",nodeversion="${process.version}"}`)).toBe(1);

    let bytes = Buffer.byteLength(fresh);
    for (const [query, headers, method] of [
      ['', {}],
      ['', scraper],
      ['?collect[]=none', {}],
      ['?collect[]=bad', {}],
      ['', {}, 'HEAD'],
      ['', scraper, 'HEAD'],
    ] as const) {
      bytes += (await get(url + query, headers, method)).body.length;
    }
    const { text } = await get(url);
    expect([200, 400, 500, 503].map((code) => valueIn(text, requests(code)))).toEqual([5, 1, 1, 0]);
    expect(valueIn(text, 'promhttp_metric_handler_response_bytes_total')).toBe(bytes);
  });

  it('can be left out, with the collectors that are about it', async () => {
    const own = counting('own', { auxiliary: true });
    const url = await serving([own.made, counting('good').made], { disableExporterMetrics: true });
    const { text } = await get(url);
    expect(text).not.toMatch(/promhttp|own/);
    expect(own.runs.count).toBe(0);
    expect(valueIn(text, 'good_value')).toBe(1);
    expect(valueIn(text, 'test_scrape_collector_success{collector="good"}')).toBe(1);
  });
});

describe('maxRequests', () => {
  it('refuses one round too many while others collect, and says when to try again', async () => {
    const slow = waiting('slow');
    const url = await serving([slow.made, counting('fast').made], { maxRequests: 2 });
    const first = [get(url), get(`${url}?collect[]=slow`)];
    await slow.started;
    const full = async () => {
      const got = await get(`${url}?exclude[]=fast&name[]=slow_value`, {
        'x-prometheus-scrape-timeout-seconds': '0.2',
      });
      return got.status === 503 ? got : undefined;
    };
    // Until both are in, this may be one of the two.
    const refused = await until('a refusal', full, 50_000);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.text).toBe('too many concurrent scrapes; try again in a second\n');
    expect((await get(new URL('/-/healthy', url).href)).status).toBe(200);
    // Who shares a round is no round more.
    const sharing = Array.from({ length: 500 }, (_, i) => get(i % 2 === 0 ? url : `${url}?collect[]=slow`));
    slow.go();
    for (const { status } of await Promise.all([...first, ...sharing])) expect(status).toBe(200);
    const after = await get(url);
    expect(after.status).toBe(200);
    expect(valueIn(after.text, requests(503))).toBeGreaterThan(0);
  });

  it('does not count those who still read', async () => {
    // More than the sockets take in.
    const url = new URL(await serving([many(10_000, 1500)], { maxRequests: 1 }));
    const readers = [];
    for (let i = 0; i < 3; i++) {
      const socket = connect(Number(url.port), url.hostname);
      socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n`);
      await once(socket, 'readable');
      expect(String(socket.read(15))).toBe('HTTP/1.1 200 OK');
      readers.push(socket);
    }
    expect(await ask(url.href, 'promhttp_metric_handler_requests_in_flight')).toBe(4);
    for (const socket of readers) socket.destroy();
  });

  it('is no limit when it is 0', async () => {
    const slow = waiting('slow');
    const url = await serving([slow.made], { maxRequests: 0 });
    const scrapes = Array.from({ length: 50 }, () => get(url));
    await slow.started;
    await untilInFlight(url, 50);
    slow.go();
    for (const { status } of await Promise.all(scrapes)) expect(status).toBe(200);
  });
});
