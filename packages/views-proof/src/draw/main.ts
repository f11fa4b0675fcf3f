#!/usr/bin/env node
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startBrowser } from 'test-servers';
import { readDashboard } from '../dashboard.ts';
import { ask } from './ask.ts';
import { draw } from './draw.ts';

const usage = `draw --at=http://127.0.0.1:9090 --screenshots=FOLDER DASHBOARD.json…

Draws generated dashboards over what a running Prometheus answers, a screenshot for each row.
  --seconds=3600   time range
  --step=15        seconds between points`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    at: { type: 'string' },
    screenshots: { type: 'string' },
    seconds: { type: 'string', default: '3600' },
    step: { type: 'string', default: '15' },
  },
});
const { at, screenshots } = values;
if (at === undefined || screenshots === undefined || positionals.length === 0) {
  console.error(usage);
  process.exit(64);
}
const browser = await startBrowser();
try {
  for (const file of positionals) {
    const dashboard = await readDashboard(file);
    const rows = await ask(dashboard, { at, seconds: Number(values.seconds), step: Number(values.step) });
    const folder = join(screenshots, basename(dirname(dirname(resolve(file)))));
    for (const { row, title, state, text } of await draw(browser, {
      title: dashboard.title,
      rows,
      screenshots: folder,
    }))
      if (state !== 'drawn') console.log(`${file}: ${row} / ${title}: ${text}`);
  }
} finally {
  await browser.close();
}
