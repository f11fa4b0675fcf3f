import { parseArgs } from 'node:util';
import { soak } from './soak.ts';
import { tableOf, verdict } from './verdict.ts';

const usage = `npm run soak                    ten minutes of all kinds of load
npm run soak -- --steady        half an hour of a scrape a second
npm run soak -- --minutes N     as long as you like`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string' }, steady: { type: 'boolean', default: false } },
  });
  const { steady, minutes: given = steady ? '30' : '10' } = values;
  const minutes = Number(given);
  if (!(minutes > 0)) throw new Error(`--minutes ${given}: must be a number above 0`);
  if (process.platform !== 'linux') throw new Error('The soak reads /proc, so it runs on Linux only.');
  console.error(`An exporter under ${steady ? 'a scrape a second' : 'all kinds of load'}, for ${minutes} minutes …`);
  const findings = await soak(minutes, steady ? 'steady' : 'mixed');
  const lines = verdict(findings);
  console.log(tableOf(lines));
  for (const surprise of findings.tally.surprises.first) console.log(`unexpected: ${surprise}`);
  for (const line of findings.errorLines.slice(0, 20)) console.log(`in the log: ${line}`);
  return lines.some(({ held }) => held === false) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 1;
}
