import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { collector, gauge, nodeListener, type ServeOptions, type Serving, serve } from '../../src/index.ts';
import { get } from '../get.ts';
import { counting, failing, serving } from '../serving.ts';
import { hostile, lookedAt, many, twoTargets } from './looked-at.ts';

const open: Serving[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close(0))));

async function looking(options: ServeOptions = {}, ...others: Parameters<typeof lookedAt>): Promise<string> {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const server = await serve(lookedAt(...others), { sources: twoTargets, log, ...options });
  open.push(server);
  return server.url;
}

/** The text of rows of a table, by its id. */
function rowsOf(page: string, id: string): string[] {
  const table = page.split(`id="${id}"`)[1]!.split('</table>')[0]!.split('<tbody>')[1]!;
  return table
    .split('</tr>')
    .slice(0, -1)
    .map((row) =>
      row
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    );
}

const namesIn = (page: string, id: string): string[] => rowsOf(page, id).map((row) => row.split(' ')[0]!);

describe('without scripts', () => {
  it('shows how each collector and target fares, and no secret', async () => {
    const { text, headers } = await get(await looking());
    expect(namesIn(text, 'collectors')).toEqual(['queue', 'broken', 'odd', 'textfile', 'stored', 'stored']);
    const [queue, broken] = rowsOf(text, 'collectors');
    expect(queue).toMatch(/^queue ok [\d.]+ (µs|ms|s) 15 /);
    expect(broken).toMatch(/^broken failed EAUTH /);
    expect(rowsOf(text, 'targets')).toEqual([
      expect.stringMatching(/^first source="?.*store.* up /),
      expect.stringMatching(/^second .* down ECONNREFUSED /),
    ]);
    expect(text).toContain('2 problems');
    expect(text).not.toContain('hunter2');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(text).not.toMatch(/ style=| on[a-z]+="|<style|javascript:/);
  });

  it("shows jobs' last results", async () => {
    const { text } = await get(await looking());
    const rows = text.split('id="jobs-title"')[1]!;
    expect(rows).toMatch(/nightly_backup.*?>ok<.*?12\.5 s/s);
    expect(rows).toMatch(/reindex.*?>failed<.*?1 d 1 h ago/s);
  });

  it('filters and sorts by links and forms', async () => {
    const url = await looking();
    const filtered = (await get(`${url}?q=QUEUE`)).text;
    expect(namesIn(filtered, 'collectors')).toEqual(['queue']);
    expect(namesIn(filtered, 'metrics')).toContain('queue_wait_seconds');
    expect(namesIn(filtered, 'metrics')).not.toContain('store_keys');
    expect(filtered).toContain('value="QUEUE"');
    expect(filtered).toContain('href="?q=QUEUE&amp;sort=series&amp;order=desc"');
    const sorted = (await get(`${url}?sort=series&order=desc`)).text;
    expect(namesIn(sorted, 'collectors').slice(0, 3)).toEqual(['queue', 'textfile', 'odd']);
    expect(sorted).toContain('aria-sort="descending"');
    expect(namesIn((await get(`${url}?sort=name&order=asc`)).text, 'collectors')[0]).toBe('broken');
    const none = (await get(`${url}?q=${encodeURIComponent('"><b>')}`)).text;
    expect(none).toContain('value="&quot;&gt;&lt;b&gt;"');
    expect(none).toContain('None of them fits the filter.');
  });

  it("has each collector's page with its families", async () => {
    const url = await looking();
    const { text } = await get(`${url}-/collector?name=queue`);
    expect(namesIn(text, 'metrics')).toEqual([
      'queue_depth',
      'queue_processed_total',
      'queue_size_bytes',
      'queue_wait_seconds',
      'queue_server_info',
      'queue_state',
    ]);
    expect(rowsOf(text, 'metrics')[2]).toMatch(
      /^queue_size_bytes gauge 1 4\d\d\.?\d? MiB Size of the queue on disk\.$/,
    );
    const stored = (await get(`${url}-/collector?name=stored&sort=name`)).text;
    expect(rowsOf(stored, 'runs')).toHaveLength(2);
    expect(stored).toContain('href="?name=stored&amp;sort=name&amp;order=desc"');
    expect((await get(`${url}-/collector?name=${encodeURIComponent('<b>')}`)).status).toBe(404);
  });

  it("has each metric's page: what it means, its series, and PromQL for each", async () => {
    const url = await looking();
    const { text } = await get(`${url}-/metric?name=queue_processed_total`);
    expect(text).toContain('Messages processed.');
    expect(text).toContain('<code tabindex="0">sum by (queue) (rate(queue_processed_total[5m]))</code>');
    expect(text).toContain('rate(queue_processed_total{queue=&quot;orders&quot;}[5m])');
    expect(text).toContain('1–4 of 4');
    const wait = (await get(`${url}-/metric?name=queue_wait_seconds`)).text;
    expect(wait).toMatch(/class="number">\d+, 250 ms</);
    expect((await get(`${url}-/metric?name=queue_state`)).text).toContain('running');
    expect((await get(`${url}-/metric?name=nosuch`)).status).toBe(404);
    // What the kit itself writes, too.
    expect((await get(`${url}-/metric?name=looked_at_scrape_collector_success`)).text).toContain('collector="');
  });

  it('pages and filters a hundred thousand series, and sorts them by value', async () => {
    const url = await looking({}, many);
    const ask = async (query: string): Promise<string> => (await get(`${url}-/metric?name=many_value${query}`)).text;
    const first = await ask('');
    expect(first).toContain('1–50 of 100,000');
    expect(first.match(/<tr id="series-/g)).toHaveLength(50);
    expect(await ask('&page=2000')).toContain('99,951–100,000 of 100,000');
    expect(await ask('&q=item-9999')).toContain('1–11 of 11 (100,000 in all)');
    const highest = await ask('&sort=value');
    const values = [...highest.matchAll(/class="number">([\d,]+)</g)].map(([, value]) =>
      Number(value!.replaceAll(',', '')),
    );
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(values[0]).toBe(100_002);
    expect(await ask('&page=nonsense')).toContain('1–50 of');
    expect(await ask('&page=99999')).toContain('No series fits');
  });

  it('shows hostile texts as text', async () => {
    const url = await looking();
    for (const page of [
      '',
      '-/collector?name=odd',
      '-/metric?name=odd_value',
      `-/probes?target=${encodeURIComponent(hostile)}`,
    ]) {
      const { text } = await get(url + page);
      expect(text.match(/<script/g)).toHaveLength(1);
      expect(text).not.toMatch(/<img src=x/);
    }
  });

  it('asks a target with a form, and shows phases, log and result', async () => {
    const url = await looking();
    const good = (await get(`${url}-/probes?module=ping&target=well`)).text;
    expect(good).toMatch(/badge good">success/);
    expect(good).toMatch(/<meter[^>]* aria-label="connect"/);
    expect(good).toContain('connected target=&quot;well&quot;');
    expect(good).toContain('probe_success');
    expect((await get(`${url}-/probes?module=ping&target=badly`)).text).toContain(
      'the answer of badly was &lt;b&gt;odd',
    );
    expect((await get(`${url}-/probes?module=nosuch&target=x`)).text).toContain('this module is unknown');
    const ids = async (): Promise<number> => JSON.parse((await get(`${url}-/probes?format=json`)).text).probes.length;
    const before = await ids();
    // A link of another site only fills in the form.
    const linked = await get(`${url}-/probes?module=ping&target=well`, { 'sec-fetch-site': 'cross-site' });
    expect(linked.text).toContain('value="well"');
    expect(await ids()).toBe(before);
  });
});

describe('what it costs', () => {
  it('scrapes by itself only if the last scrape is not recent, and shows scrapes of others', async () => {
    const { made, runs } = counting('counted');
    const url = (await serving([made])).replace(/metrics$/, '');
    await get(url);
    for (let i = 0; i < 5; i++) await get(url);
    expect(runs.count).toBe(1);
    await get(`${url}metrics`);
    const { text } = await get(`${url}-/metric?name=counted_value`);
    expect(runs.count).toBe(2);
    expect(text).toContain('class="number">2<');
  });

  it('waits a second at most for a slow collector', async () => {
    let go = (): void => {};
    const slow = collector({
      name: 'slow',
      metrics: { value: gauge({ name: 'slow_value', help: 'Slow.' }) },
      collect: () =>
        new Promise((resolve) => {
          go = () => resolve(undefined);
        }),
    });
    const url = (await serving([slow])).replace(/metrics$/, '');
    expect((await get(url)).text).toContain('never run');
    go();
  });

  it('says what failed by its kind only', async () => {
    const url = (await serving([failing('bad', { optional: true })])).replace(/metrics$/, '');
    const { text } = await get(url);
    expect(rowsOf(text, 'collectors')[0]).toMatch(/^bad failed Error /);
  });
});

describe('its files', () => {
  it('are compressed, cached by version, and within their bounds', async () => {
    const url = await looking();
    const page = (await get(url)).text;
    for (const [file, most] of [
      ['script.js', 32_000],
      ['style.css', 5000],
      ['icon.svg', 400],
    ] as const) {
      const path = page.match(new RegExp(`\\./(-/page/${file.replace('.', '\\.')}[^"]*)`))![1]!;
      const { headers, body } = await get(url + path, { 'accept-encoding': 'gzip' });
      expect(headers['content-encoding']).toBe('gzip');
      expect(body.length).toBeLessThan(most);
      expect(gunzipSync(body).length).toBe((await get(url + path)).body.length);
      const again = await get(url + path, { 'if-none-match': String(headers.etag) });
      expect([again.status, again.body.length]).toEqual([304, 0]);
    }
    expect(page).toContain('src="./-/page/script.js?v=');
    expect((await get(`${url}-/page/nosuch.js`)).status).toBe(404);
  });

  it('and pages need the same credentials as metrics', async () => {
    // Its password is "correct horse".
    const hash = '$2y$04$JooCyXBQ6NR9o9/GCmLUe.92WEQA6IbLB6nNCcT7IATWEvWEmV18q';
    const url = await looking({ web: { basic_auth_users: { alice: hash } } });
    const authorization = `Basic ${Buffer.from('alice:correct horse').toString('base64')}`;
    for (const path of [
      '',
      '-/metric?name=queue_depth',
      '-/collector?name=queue',
      '-/probes?target=x',
      '-/page/script.js',
    ]) {
      expect((await get(url + path)).status).toBe(401);
      expect((await get(url + path, { authorization })).status).toBe(200);
    }
  });

  it('take nothing from Intl, whose tables stay in memory: a tenth of a whole exporter', async () => {
    const used = [
      ...[Intl.NumberFormat, Intl.DateTimeFormat].map(({ prototype }) =>
        vi.spyOn(prototype as { readonly format: unknown }, 'format', 'get'),
      ),
      vi.spyOn(Number.prototype, 'toLocaleString'),
      vi.spyOn(Date.prototype, 'toLocaleString'),
      vi.spyOn(String.prototype, 'localeCompare'),
    ];
    try {
      const url = await looking();
      for (const path of [
        '',
        '?sort=name&order=desc',
        '-/collector?name=queue',
        '-/metric?name=queue_depth',
        '-/probes',
      ])
        expect((await get(url + path)).status).toBe(200);
      for (const spy of used) expect(spy).not.toHaveBeenCalled();
    } finally {
      for (const spy of used) spy.mockRestore();
    }
  });

  it('are found below a prefix', async () => {
    const handler = nodeListener(lookedAt(), { sources: twoTargets });
    const { createServer } = await import('node:http');
    const server = createServer((req, res) => {
      req.url = req.url!.slice('/internal'.length);
      handler(req, res);
    });
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const base = `http://127.0.0.1:${port}/internal/`;
    const { text } = await get(`${base}-/metric?name=queue_depth`);
    const links = [...text.matchAll(/(?:href|src)="([^"#]+)"/g)].map(([, link]) => link!.replaceAll('&amp;', '&'));
    expect(links.length).toBeGreaterThan(8);
    for (const link of links) {
      const at = new URL(link, `${base}-/metric?name=queue_depth`).href;
      expect(at.startsWith(base)).toBe(true);
      expect([200, 503]).toContain((await get(at)).status);
    }
    server.close();
    server.closeAllConnections();
  });
});
