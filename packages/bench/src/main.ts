import { writeFileSync } from 'node:fs';
import { facts } from './machine.ts';
import { howToGet } from './measure/programs.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { report } from './report.ts';
import { resultOf } from './result.ts';
import { rows } from './rows/list.ts';
import { save, savedIn } from './saved.ts';
import { grouped } from './table.ts';

const RESULTS = new URL('../RESULTS.md', import.meta.url);

async function bench({ rows: wanted, json, resume, whole, ...repeats }: Options): Promise<void> {
  const from = performance.now();
  const done = new Map(resume === undefined ? [] : savedIn(resume, wanted, repeats));
  const file = resume ?? json;
  for (const row of wanted) {
    if (done.has(row)) continue;
    const elapsed = Math.round((performance.now() - from) / 1000);
    console.error(`${elapsed} s: ${row.work} ${grouped(row.n)}`);
    const result = await resultOf(row, repeats);
    if (result.failure !== undefined) console.error(`FAILED: ${result.failure}`);
    done.set(row, result);
    // After each row, so that nothing is lost if it is interrupted.
    if (file !== undefined) save(file, [...done.values()], repeats);
  }
  const results = wanted.map((row) => done.get(row)!);
  const missing = [...new Set(results.flatMap((result) => result.missing))];
  const text = report(results, facts(), repeats);
  console.log(text);
  if (whole) writeFileSync(RESULTS, `# What the bench measured\n\n${text}\n`);
  if (missing.length > 0) console.error(`\nSKIPPED what needs ${missing.join(', ')}: not here; ${howToGet(missing)}`);
  if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
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
