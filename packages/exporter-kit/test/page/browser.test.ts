import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, type BrowserPage, needPeers, screenshot, startBrowser } from 'test-servers';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ServeOptions, type Serving, serve } from '../../src/index.ts';
import { get } from '../get.ts';
import { hostile, lookedAt, many, twoTargets } from './looked-at.ts';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const log = { debug() {}, info() {}, warn() {}, error() {} };
const servers: Serving[] = [];

async function serving(options: ServeOptions = {}, ...others: Parameters<typeof lookedAt>): Promise<Serving> {
  const server = await serve(lookedAt(...others), { sources: twoTargets, log, ...options });
  servers.push(server);
  return server;
}

describe.skipIf(!needPeers('chromium'))('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close(0))));

  /** A page whose errors, and what its policy forbids, fail the test. */
  async function open(url: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<BrowserPage> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('pageerror', (error) => said.push(String(error)));
    page.on('dialog', (dialog) => void dialog.dismiss().then(() => said.push(`dialog ${dialog.message()}`)));
    page.on('console', (message) => {
      // A server that is gone, or refuses, is what some tests are about.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) said.push(message.text());
    });
    onTestFinished(async () => {
      await context.close();
      expect(said).toEqual([]);
    });
    await page.goto(url);
    return page;
  }

  /** Brings a page up to date now, as when the network is back. */
  const update = (page: BrowserPage): Promise<unknown> => page.evaluate(`dispatchEvent(new Event('online'))`);

  /** Scrapes as Prometheus does until a page has charts of some points; points are at least a second apart. */
  async function withCharts(page: BrowserPage, url: string, selector: string): Promise<void> {
    await expect
      .poll(
        async () => {
          await get(`${url}metrics`);
          await update(page);
          return page.locator(`${selector} canvas`).count();
        },
        { interval: 300 },
      )
      .toBeGreaterThan(0);
  }

  it('moves: charts appear, and what has changed is shown', async () => {
    const { url } = await serving();
    const page = await open(url);
    await withCharts(page, url, '#collectors .duration');
    const size = page.locator('#metrics tr', { hasText: 'queue_size_bytes' }).locator('.value .number');
    const before = await size.textContent();
    await get(`${url}metrics`);
    await update(page);
    await expect.poll(() => size.textContent()).not.toBe(before);
    expect(await page.locator('#connection').textContent()).toContain('Live');
    const spark = page.locator('#collectors .duration canvas').first();
    // It has drawn something, in the style's colour.
    expect(
      await spark.evaluate((canvas) => {
        const { width, height } = canvas as unknown as { width: number; height: number };
        const context = (
          canvas as unknown as { getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8Array } } }
        ).getContext('2d');
        const { data } = context.getImageData(0, 0, width, height);
        return data.some((value, i) => i % 4 === 2 && value > 100 && data[i + 1]! > 100);
      }),
    ).toBe(true);
    await screenshot(page, 'overview');
  });

  it('filters while somebody types, sorts, and leads to a collector and a metric', async () => {
    const { url } = await serving();
    const page = await open(url);
    const names = (): Promise<string[]> => page.locator('#collectors tbody .name a').allTextContents();
    await page.getByLabel('Filter collectors and metrics').pressSequentially('stored');
    await expect.poll(names).toEqual(['stored', 'stored']);
    await page.waitForURL(`${url}?q=stored`);
    await page.getByLabel('Filter collectors and metrics').fill('');
    await expect.poll(async () => (await names()).length).toBe(6);
    await page.locator('#collectors').getByRole('link', { name: 'Series' }).click();
    await page.waitForURL(/sort=series/);
    expect((await names())[0]).toBe('queue');
    expect(await page.locator('#collectors th.series').getAttribute('aria-sort')).toBe('descending');
    await page.locator('#collectors').getByRole('link', { name: 'queue' }).click();
    await page.getByRole('link', { name: 'queue_depth' }).click();
    await page.getByRole('heading', { name: 'queue_depth' }).waitFor();
    expect(await page.locator('.series-list tbody tr').count()).toBe(4);
    await page.getByLabel('Filter by label value').pressSequentially('mai');
    await expect.poll(() => page.locator('.series-list tbody tr').count()).toBe(1);
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Overview' }).click();
    await page.waitForURL(url);
  });

  it('copies PromQL, also of a series with a hostile label', async () => {
    const { url } = await serving();
    const page = await open(`${url}-/metric?name=odd_value`, { permissions: ['clipboard-read', 'clipboard-write'] });
    const copied = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');
    await page.locator('.expressions .copy').first().click();
    await expect.poll(copied).toBe('odd_value');
    await page.locator('.series-list .copy').first().click();
    await expect.poll(copied).toBe(`odd_value{text="${hostile.replaceAll('"', '\\"')}"}`);
    expect(await page.locator('.series-list .copy').first().textContent()).toContain('Copied');
  });

  it('draws the series of a metric, and keeps what a person has opened', async () => {
    const { url } = await serving();
    const page = await open(`${url}-/metric?name=queue_processed_total`);
    await withCharts(page, url, '#chart');
    await expect.poll(() => page.locator('#chart .u-legend .u-series').count()).toBe(5);
    await withCharts(page, url, '.series-list .spark');
    await screenshot(page, 'metric');
    await page.goto(`${url}-/probes?module=ping&target=badly`);
    await page.locator('#recent summary').click();
    await get(`${url}probe?module=ping&target=well`);
    await update(page);
    await expect.poll(() => page.locator('#recent tbody tr').count()).toBe(2);
    await expect.poll(() => page.locator('#recent details[open]').count()).toBe(1);
    expect(await page.locator('#recent details[open] summary').textContent()).toContain('badly');
  });

  it('asks a target by the form', async () => {
    const { url } = await serving();
    const page = await open(url);
    await page.getByRole('link', { name: 'Probes' }).click();
    await page.getByLabel('Target').fill('well');
    await page.getByRole('button', { name: 'Probe' }).click();
    await page.getByRole('heading', { name: /success/ }).waitFor();
    expect(await page.locator('.phases tr').count()).toBe(3);
    expect(await page.locator('.answer .log').textContent()).toContain('connected');
    await screenshot(page, 'probe');
    // Updates do not ask it again.
    await update(page);
    await expect.poll(() => page.locator('#connection').textContent()).toContain('Live');
    expect(await page.locator('#recent tbody tr').count()).toBe(1);
    await page.getByLabel('Target').fill('badly <b>');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /failed/ }).waitFor();
    expect(await page.locator('.reason').textContent()).toBe('the answer of badly <b> was <b>odd</b>');
  });

  it('says when the exporter is gone, keeps what it showed, and goes on when it is back', async () => {
    const first = await serving();
    const { host } = new URL(first.url);
    const page = await open(first.url);
    await first.close(0);
    await update(page);
    await expect.poll(() => page.locator('#connection').textContent()).toContain('does not answer');
    expect(await page.locator('#collectors tbody tr').count()).toBe(6);
    await screenshot(page, 'lost');
    await serving({ address: host });
    // By itself, after some seconds.
    await expect.poll(() => page.locator('#connection').textContent()).toContain('Live');
    expect(await page.evaluate(`document.documentElement.classList.contains('lost')`)).toBe(false);
  });

  it('slows down where the server limits requests', async () => {
    const { url } = await serving({ web: { rate_limit: { interval: '10m', burst: 4 } } });
    const page = await open(url);
    await update(page);
    await update(page);
    await expect.poll(() => page.locator('#connection').textContent()).toContain('asks for fewer requests');
  });

  it('shows a hundred thousand series by pages', async () => {
    const { url } = await serving({}, many);
    const page = await open(`${url}-/metric?name=many_value`);
    expect(await page.locator('.series-list tbody tr').count()).toBe(50);
    await page.getByRole('link', { name: 'Next' }).click();
    await expect.poll(() => page.locator('#count').textContent()).toBe('51–100 of 100,000');
    await page.getByLabel('Filter by label value').fill('item-4242');
    await expect.poll(() => page.locator('#count').textContent()).toBe('1–11 of 11 (100,000 in all)');
    await page.getByLabel('Filter by label value').fill('');
    await expect.poll(() => page.locator('#count').textContent()).toBe('1–50 of 100,000');
    await page.getByRole('columnheader', { name: 'Value' }).getByRole('link').click();
    await expect.poll(() => page.locator('.series-list .number').first().textContent()).toBe('100,002');
    await screenshot(page, 'hundred-thousand');
  });

  it('shows hostile labels and help, and does not run them', async () => {
    const { url } = await serving();
    for (const path of [
      '',
      '-/collector?name=odd',
      '-/metric?name=odd_value',
      `-/probes?target=${encodeURIComponent(hostile)}&module=ping`,
    ]) {
      const page = await open(url + path);
      await (path.includes('probes') ? update(page) : withCharts(page, url, 'main'));
      expect(await page.title()).not.toBe('owned');
      expect(await page.locator('img[src="x"], script:not([src])').count()).toBe(0);
      expect(await page.locator('main').textContent()).toContain('<script>document.title="owned"</script>');
    }
  });

  it('works without scripts', async () => {
    const { url } = await serving({}, many);
    const page = await open(url, { javaScriptEnabled: false });
    await page.getByLabel('Filter collectors and metrics').fill('queue');
    await page.getByRole('button', { name: 'Filter' }).click();
    expect(await page.locator('#collectors tbody tr').count()).toBe(1);
    await page.locator('#collectors').getByRole('link', { name: 'Duration' }).click();
    expect(await page.locator('#collectors th.duration').getAttribute('aria-sort')).toBe('descending');
    expect(await page.getByLabel('Filter collectors and metrics').inputValue()).toBe('queue');
    await page.goto(`${url}-/metric?name=many_value`);
    await page.getByRole('link', { name: 'Last' }).click();
    expect(await page.locator('#count').textContent()).toBe('99,951–100,000 of 100,000');
    expect(await page.locator('.series-list code').first().isVisible()).toBe(true);
    expect(await page.locator('button.copy').first().isVisible()).toBe(false);
    await page.goto(`${url}-/probes`);
    await page.getByLabel('Target').fill('well');
    await page.getByRole('button', { name: 'Probe' }).click();
    expect(await page.getByRole('heading', { name: /success/ }).isVisible()).toBe(true);
    await screenshot(page, 'without-scripts');
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)('is accessible: %s, %i pixels wide', async (colorScheme, width) => {
    const { url } = await serving({}, many);
    const page = await open(url, { colorScheme, viewport: { width, height: 800 } });
    await withCharts(page, url, '#collectors');
    const pages = {
      overview: '',
      collector: '-/collector?name=queue',
      metric: '-/metric?name=queue_depth',
      many: '-/metric?name=many_value',
      odd: '-/metric?name=odd_value',
      missing: '-/metric?name=x',
      probes: '-/probes?module=ping&target=badly',
      found: '?q=queue&sort=duration',
    };
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(url + path);
      // Not as a script element, which the page's policy forbids.
      await page.evaluate(axe);
      const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
        'axe.run()',
      );
      expect(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]!.html}`)).toEqual([]);
      // Nothing is cut off at the right.
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      await screenshot(page, `${name}-${colorScheme}-${width}`);
    }
  });

  it('can be used with a keyboard', async () => {
    const { url } = await serving();
    const page = await open(url);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('q');
    await page.keyboard.type('queue');
    await expect.poll(() => page.locator('#collectors tbody tr').count()).toBe(1);
    // An update leaves the focus where it is.
    await update(page);
    await page.keyboard.type('x');
    await expect.poll(() => page.locator('#collectors').count()).toBe(0);
    expect(await page.locator('#q').inputValue()).toBe('queuex');
  });
});
