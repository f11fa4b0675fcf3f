import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'test-servers';
import type { AnsweredRow } from './ask.ts';

/** What became of a panel. */
export interface Verdict {
  readonly row: string;
  readonly title: string;
  /** `drawn`: something of the data can be seen. */
  readonly state: 'drawn' | 'empty' | 'error';
  /** What is wrong. */
  readonly text: string;
}

/** A dashboard to draw. */
export interface Drawing {
  readonly title: string;
  readonly rows: readonly AnsweredRow[];
  /** Folder for a screenshot of each row; none without it. */
  readonly screenshots?: string;
}

const page = (file: string): string => fileURLToPath(new URL(`../../page/${file}`, import.meta.url));
const uplot = createRequire(import.meta.url).resolve('uplot/dist/uPlot.iife.min.js');

/** Draws every panel of a dashboard in a browser, each row on its own. */
export async function draw(browser: Browser, { title, rows, screenshots }: Drawing): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const tab = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  try {
    await tab.setContent('<!doctype html><meta charset="utf-8"><body></body>');
    await tab.addStyleTag({ path: uplot.replace('.iife.min.js', '.min.css') });
    await tab.addStyleTag({ path: page('dashboard.css') });
    await tab.addScriptTag({ path: uplot });
    for (const file of ['units.js', 'charts.js', 'dashboard.js']) await tab.addScriptTag({ path: page(file) });
    for (const [i, row] of rows.entries()) {
      // Infinity and NaN survive this, unlike JSON.
      const found = await tab.evaluate((all) => (globalThis as unknown as Page).drawRow(all), { title, row });
      verdicts.push(...found.map((verdict) => ({ ...verdict, row: row.title })));
      if (screenshots === undefined) continue;
      await mkdir(screenshots, { recursive: true });
      const file = `${String(i + 1).padStart(2, '0')}-${row.title.replaceAll(/\W+/g, '-').toLowerCase()}.png`;
      await tab.screenshot({ path: join(screenshots, file), fullPage: true });
    }
  } finally {
    await tab.close();
  }
  return verdicts;
}

interface Page {
  drawRow(all: { title: string; row: AnsweredRow }): Promise<Omit<Verdict, 'row'>[]>;
}
