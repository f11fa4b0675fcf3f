import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { locatePeer } from './find.ts';

export type { Browser } from 'playwright-core';
export type BrowserPage = Page;

/**
 * Starts Chromium without a window. Close it when the tests are done.
 *
 * @example
 * const browser = await startBrowser();
 * const page = await browser.newPage({ colorScheme: 'dark' });
 * await page.goto(url);
 * await browser.close();
 * @throws Error if Chromium is not installed or does not start.
 */
export async function startBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  // In containers /dev/shm is often too small.
  return chromium.launch({ executablePath: locatePeer('chromium'), args: ['--disable-dev-shm-usage'] });
}

/** A folder for screenshots in the one that the environment variable SCREENSHOTS names; `undefined` without it. */
export function screenshotsFolder(name: string): string | undefined {
  const folder = process.env.SCREENSHOTS;
  return folder ? join(folder, name) : undefined;
}

/**
 * Writes a screenshot of the whole page into the folder that the environment variable SCREENSHOTS names; nothing without it.
 *
 * @param name of the file, without `.png`
 */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
