import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scrape } from 'exporter-kit/testing';
import { broker } from './every-kind.ts';
import { limits } from './limits.ts';
import { sensors } from './sensors.ts';
import { spool } from './spool.ts';

const folder = await mkdtemp(join(tmpdir(), 'page-'));
await writeFile(join(folder, 'mail'), 'hello');
const file = join(folder, 'mail');
await writeFile(file, '1024');
for (const scraped of [scrape(spool(folder)), scrape(broker), scrape(limits, { config: { file } }), scrape(sensors)]) {
  console.log((await scraped).text.replace(/^# .*\n/gm, ''));
}
