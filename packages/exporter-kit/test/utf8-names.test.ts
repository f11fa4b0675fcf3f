import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chosenGeneration,
  needPeers,
  type Prometheus,
  promtoolCheckMetrics,
  scrapeOf,
  startPrometheus,
} from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  collector,
  counter,
  executeJob,
  exporter,
  gauge,
  histogram,
  job,
  type Serving,
  serve,
  textfile,
} from '../src/index.ts';
import { parseOpenMetrics, parseText } from '../src/parse/index.ts';
import { lint, scrape } from '../src/testing/index.ts';
import { get } from './get.ts';
import { serving } from './serving.ts';

const waive = { syntax: 'OpenTelemetry names' };
const metrics = {
  requests: counter({
    name: 'http.server.requests_total',
    help: 'Requests.',
    labels: ['http.method', 'code'],
    waive,
  }),
  wait: histogram({ name: 'http.wait_seconds', help: 'Wait.', unit: 'seconds', buckets: [1], waive }),
};
const http = collector({
  name: 'http',
  metrics,
  collect({ requests, wait }) {
    requests.set({ 'http.method': 'GET', code: 200 }, 3);
    requests.set({ 'http.method': 'PUT', code: 500 }, 4);
    wait.set({ counts: [1, 2], sum: 4 });
  },
});

/** What Prometheus 3.5 sends: as it comes, or told how names are to be escaped, or to scrape one format only. */
const prometheus3 = (escaping: string): string =>
  `application/openmetrics-text;version=1.0.0;escaping=${escaping};q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=${escaping};q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`;
const text100 = (escaping: string): string => `text/plain;version=1.0.0;escaping=${escaping};q=0.6,*/*;q=0.5`;
const prometheus242 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

const om = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=';
const text = 'text/plain; version=0.0.4; charset=utf-8; escaping=';
const get200 = 'code="200"} 3';

describe('names in quotes', () => {
  it.each([
    [
      'Prometheus 3',
      prometheus3('allow-utf-8'),
      `${om}allow-utf-8`,
      `{"http.server.requests_total","http.method"="GET",${get200}`,
    ],
    [
      'Prometheus 3, underscores',
      prometheus3('underscores'),
      `${om}underscores`,
      `http_server_requests_total{http_method="GET",${get200}`,
    ],
    [
      'Prometheus 3, dots',
      prometheus3('dots'),
      `${om}dots`,
      `http_dot_server_dot_requests__total{http_dot_method="GET",${get200}`,
    ],
    [
      'Prometheus 3, values',
      prometheus3('values'),
      `${om}values`,
      `U__http_2e_server_2e_requests__total{U__http_2e_method="GET",${get200}`,
    ],
    [
      'Prometheus 3, text 1.0.0',
      text100('allow-utf-8'),
      'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
      `{"http.server.requests_total","http.method"="GET",${get200}`,
    ],
    [
      'Prometheus 3, text 1.0.0 with dots',
      text100('dots'),
      'text/plain; version=1.0.0; charset=utf-8; escaping=dots',
      `http_dot_server_dot_requests__total{http_dot_method="GET",${get200}`,
    ],
    ['Prometheus 2.42', prometheus242, `${om}underscores`, `http_server_requests_total{http_method="GET",${get200}`],
    ['curl', '*/*', `${text}underscores`, `http_server_requests_total{http_method="GET",${get200}`],
    ['nobody in particular', undefined, `${text}underscores`, `http_server_requests_total{http_method="GET",${get200}`],
  ])('are what %s can read', async (_who, accept, type, line) => {
    const url = await serving([http]);
    const got = await get(url, accept === undefined ? {} : { accept });
    expect(got.status).toBe(200);
    expect(got.headers['content-type']).toBe(type);
    expect(got.headers.vary).toBe('Accept, Accept-Encoding');
    expect(got.text.split('\n')).toContain(line);
    const families = type.startsWith('text') ? parseText(got.text) : parseOpenMetrics(got.text);
    expect(families.flatMap(({ samples }) => samples).length).toBeGreaterThan(6);
    const zipped = await get(url, { 'accept-encoding': 'gzip', ...(accept === undefined ? {} : { accept }) });
    expect(zipped.headers['content-type']).toBe(type);
  });

  it('are read by different scrapers at once, each in its own form', async () => {
    const url = await serving([http]);
    const own = {
      'allow-utf-8': '{"http.wait_seconds_sum"} 4',
      underscores: 'http_wait_seconds_sum 4',
      values: 'U__http_2e_wait__seconds_sum 4',
    };
    const requests = Object.entries(own).flatMap((one) => [one, one]);
    const answers = await Promise.all(requests.map(([escaping]) => get(url, { accept: prometheus3(escaping) })));
    for (const [i, { text: body }] of answers.entries()) expect(body.split('\n')).toContain(requests[i]![1]);
  });

  it('leave the names of others alone, but for dots', async () => {
    const plain = collector({
      name: 'plain',
      metrics: { depth: gauge({ name: 'queue_depth', help: 'x', labels: ['queue_name'] }) },
      collect: ({ depth }) => depth.set({ queue_name: 'a' }, 1),
    });
    const url = await serving([plain]);
    const lineOf = async (escaping: string): Promise<string | undefined> =>
      (await get(url, { accept: prometheus3(escaping) })).text.split('\n').find((line) => line.startsWith('queue'));
    for (const escaping of ['allow-utf-8', 'underscores', 'values']) {
      expect(await lineOf(escaping)).toBe('queue_depth{queue_name="a"} 1');
    }
    expect(await lineOf('dots')).toBe('queue__depth{queue__name="a"} 1');
  });

  it('are refused at the start when escaping makes two of them one', async () => {
    const other = collector({
      name: 'other',
      metrics: { wait: gauge({ name: 'http_wait_seconds', help: 'x' }) },
      collect: ({ wait }) => wait.set(1),
    });
    const late = exporter({ name: 'x_exporter', collectors: () => [http, other] });
    await expect(serve(late)).rejects.toThrow(
      'http_wait_seconds of collector other and http.wait_seconds of collector http would both write "http_wait_seconds"',
    );
  });

  it('are selected by what they are declared as', async () => {
    const url = await serving([http]);
    const got = await get(`${url}?name[]=http.wait_seconds`, {
      accept: 'text/plain;version=1.0.0;escaping=allow-utf-8',
    });
    expect(parseText(got.text).map(({ name }) => name)).toEqual(['http.wait_seconds']);
  });

  it('are tested as they are declared', async () => {
    const { value, families, text: body } = await scrape(http);
    expect(value('http.server.requests_total', { 'http.method': 'PUT', code: 500 })).toBe(4);
    expect(families.get('http.wait_seconds')?.kind).toBe('histogram');
    expect(lint(body).map(({ metric }) => metric)).toEqual([
      'http.server.requests_total',
      'http.server.requests_total',
      'http.wait_seconds',
    ]);
  });

  it('are escaped in files for others to read', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'utf8-names-'));
    try {
      const one = job({ name: 'one', metrics, run: ({ wait }) => wait.set({ counts: [1, 2], sum: 4 }) });
      await executeJob(one, { to: [textfile(directory)] });
      const [file] = await readdir(directory);
      expect(await readFile(join(directory, file!), 'utf8')).toContain('\nhttp_wait_seconds_sum{job="one"} 4\n');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

const both = needPeers('prometheus', 'promtool');
const utf8 = chosenGeneration() === 'today';
const legacy = { metric_name_validation_scheme: 'legacy', metric_name_escaping_scheme: 'underscores' };

describe.skipIf(!both)('a real Prometheus', () => {
  it('is given text that its promtool accepts', async () => {
    const { text: body } = await get(await serving([http]));
    expect(promtoolCheckMetrics(body)).toMatchObject({ code: 0 });
  });

  const here: readonly (readonly [what: string, config: { readonly [key: string]: unknown }, name: string])[] = utf8
    ? [
        ['takes them as they are', {}, '"http.server.requests_total","http.method"=~"GET|PUT"'],
        ['takes them escaped where its names are legacy', legacy, '__name__="http_server_requests_total"'],
        [
          'takes them escaped by a scheme of its choice',
          { metric_name_escaping_scheme: 'values' },
          '__name__="U__http_2e_server_2e_requests__total"',
        ],
      ]
    : [['that knows no UTF-8 takes them escaped', {}, '__name__="http_server_requests_total",http_method=~"GET|PUT"']];

  describe('over one scrape of each', () => {
    let server: Serving;
    let prometheus: Prometheus;
    beforeAll(async () => {
      server = await serve(exporter({ name: 'test_exporter', version: '1.2.3', collectors: [http] }));
      const scrapeConfigs = here.map(([job, config]) => scrapeOf(job, `${server.url}metrics`, config));
      prometheus = await startPrometheus({ scrapeConfigs });
    });
    afterAll(async () => {
      await prometheus?.stop();
      await server?.close(0);
    });

    it.each(here)('%s', async (job, _config, name) => {
      const [sum] = await prometheus.waitFor(`sum({${name},job="${job}"})`);
      expect(sum.value).toBe(7);
    });
  });
});
