import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserPage, needPeers, screenshot, startBrowser } from 'test-servers';
import { type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const home = fileURLToPath(new URL('..', import.meta.url));
const site = join(home, 'dist/site');

/** Every page but those of the reference, of which some stand for all. */
const pages = existsSync(site)
  ? readdirSync(site, { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.html') && path !== '404.html')
      .filter((path) => !path.startsWith('api/'))
      .concat(
        'api/exporter-kit/index.html',
        'api/exporter-kit/functions/collector.html',
        'api/exporter-kit/interfaces/JobOptions.html',
      )
      .sort()
  : [];

/** Pages of each kind, to be looked at. */
const shown = /^(index|start|errors\/overview|migrate\/from-go|run\/deploy|write\/collector|api\/.*)\.html$/;

describe.skipIf(!needPeers('chromium'))('the site in a browser', () => {
  let server: PreviewServer;
  let browser: Browser;
  let base = '';

  beforeAll(async () => {
    if (pages.length === 0) throw new Error('there is no site; build it with: npm run docs');
    server = await preview({
      root: home,
      configFile: false,
      appType: 'mpa',
      build: { outDir: site },
      preview: { host: '127.0.0.1', port: 0 },
    });
    base = server.resolvedUrls!.local[0]!;
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Opens a page, and records what should not be: errors, and requests to anywhere else. */
  async function open(path: string): Promise<{ page: BrowserPage; wrong: string[] }> {
    const page = await browser.newPage({
      colorScheme: 'light',
      // So that no screenshot shows a transition.
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 900 },
    });
    onTestFinished(() => page.close());
    const wrong: string[] = [];
    page.on('console', (message) => {
      if (/error|warning/.test(message.type())) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(base)) wrong.push(request.url());
    });
    page.on('response', (response) => {
      if (response.status() >= 400) wrong.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(new URL(path, base).href, { waitUntil: 'networkidle' });
    return { page, wrong };
  }

  it.each(pages)('%s is right on a wide screen in light, and on a narrow one in dark', async (path) => {
    const { page, wrong } = await open(path);
    const name = `docs-${path.replace(/\.html$/, '').replaceAll('/', '-')}`;
    for (const [kind, width, colorScheme] of [
      ['wide', 1280, 'light'],
      ['narrow', 390, 'dark'],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await expect
        .poll(() => page.evaluate('document.documentElement.classList.contains("dark")'))
        .toBe(colorScheme === 'dark');
      await page.setViewportSize({ width, height: 900 });
      if (shown.test(path)) await screenshot(page, `${name}-${kind}-${colorScheme}`);
      // What is too wide, such as a table, scrolls by itself.
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    expect(await page.locator('h1').first().innerText()).not.toBe('');
    expect(wrong).toEqual([]);
  });

  it('finds a page by a word in it, offline', async () => {
    const { page, wrong } = await open('start.html');
    await page.locator('#local-search button').click();
    await page.locator('#localsearch-input').fill('rendezvous');
    const result = page.locator('.VPLocalSearchBox .result').first();
    await result.waitFor();
    await screenshot(page, 'docs-search');
    await result.click();
    await page.waitForURL(/run\/(scale-out|targets)\.html/);
    // The address changes before the page does.
    await expect.poll(() => page.locator('main').innerText()).toContain('rendezvous');
    expect(wrong).toEqual([]);
  });

  it('finds the reason of an error by its words', async () => {
    const { page } = await open('index.html');
    await page.locator('#local-search button').click();
    await page.locator('#localsearch-input').fill('sockets are for process');
    const titles = page.locator('.VPLocalSearchBox .result');
    await expect.poll(async () => (await titles.allInnerTexts()).join('\n')).toContain('Errors: settings');
  });
});
