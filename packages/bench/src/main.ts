import { writeFileSync } from 'node:fs';
import { facts } from './machine.ts';
import { howToGet } from './measure/programs.ts';
import { median } from './measure/statistics.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { report } from './report.ts';
import { type Repeats, type Result, resultOf } from './result.ts';
import { rows } from './rows/list.ts';
import { grouped } from './table.ts';

const RESULTS = new URL('../RESULTS.md', import.meta.url);

async function bench({ rows: wanted, json, whole, ...repeats }: Options): Promise<void> {
  const from = performance.now();
  const results: Result[] = [];
  for (const row of wanted) {
    const elapsed = Math.round((performance.now() - from) / 1000);
    console.error(`${elapsed} s: ${row.work} ${grouped(row.n)}`);
    const result = await resultOf(row, repeats);
    if (result.failure !== undefined) console.error(`FAILED: ${result.failure}`);
    results.push(result);
    // After each row, so that nothing is lost if it is interrupted.
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(forMachines(results, repeats), undefined, 2)}\n`);
  }
  const missing = [...new Set(results.flatMap((result) => result.missing))];
  const text = report(results, facts(), repeats);
  console.log(text);
  if (whole) writeFileSync(RESULTS, `# What the bench measured\n\n${text}\n`);
  if (missing.length > 0) console.error(`\nSKIPPED what needs ${missing.join(', ')}: not here; ${howToGet(missing)}`);
  if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
}

function forMachines(results: readonly Result[], { rounds, runs }: Repeats): object {
  return {
    facts: facts(),
    rounds,
    runs,
    rows: results.map(({ row: { work, n, title }, measured, verdicts, missing, failure }) => ({
      work,
      n,
      title,
      contenders: Object.fromEntries(
        [...measured].map(([name, of]) => [
          name,
          Object.fromEntries(
            Object.entries(of).map(([figure, samples]) => [figure, { median: median(samples), samples }]),
          ),
        ]),
      ),
      goals: verdicts,
      missing,
      failure,
    })),
  };
}

if (process.platform !== 'linux') {
  console.error('The bench reads /proc, so it runs on Linux only.');
  process.exitCode = 1;
} else {
  try {
    await bench(parseOptions(process.argv.slice(2), rows));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exitCode = 1;
  }
}
