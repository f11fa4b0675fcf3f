// Says what is active after making a collector in a thread, and after running it. Then it must end.

import { scrape } from 'exporter-kit/testing';
import { inThread } from 'exporter-kit/thread';

const active = () =>
  process.getActiveResourcesInfo().filter((name) => /MessagePort|Timeout|Immediate|Worker/.test(name));
const before = active().join();
const heavy = await inThread(new URL('./heavy.mjs', import.meta.url), { data: { script: process.env.SCRIPT } });
console.log('made', active().join() === before);
console.log('scraped', (await scrape(heavy)).value('heavy_runs_total'));
