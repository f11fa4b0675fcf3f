import { parseArgs } from 'node:util';
import { soak } from './soak.ts';
import { tableOf, verdict } from './verdict.ts';

const usage = 'npm run soak                    ten minutes\nnpm run soak -- --minutes N     as long as you like';

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: must be a number above 0`);
  if (process.platform !== 'linux') throw new Error('The soak reads /proc, so it runs on Linux only.');
  console.error(`An exporter under all kinds of load, for ${minutes} minutes …`);
  const findings = await soak(minutes);
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
