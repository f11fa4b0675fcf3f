import { expect, it } from 'vitest';
import { judge } from './goals.ts';
import { report } from './report.ts';
import type { Result } from './result.ts';
import type { Row } from './rows/row.ts';

function result(n: number, kit: number, other: number, more: Partial<Result> = {}): Result {
  const measured = new Map(
    [
      ['kit', kit],
      ['other', other],
    ].map(([name, ms]) => [name as string, { cpuMs: [ms as number], nsPerSeries: [((ms as number) * 1e6) / n] }]),
  );
  const goals = [{ figure: 'cpuMs', against: 'other', times: 10 }] as const;
  const row: Row = {
    work: 'scrape',
    n,
    title: 'much',
    quick: true,
    contenders: ['kit', 'other'],
    goals,
    measure: async () => measured,
  };
  return { row, measured, verdicts: goals.map((goal) => judge(goal, [measured, measured])), missing: [], ...more };
}

const lines = (results: readonly Result[]): string[] =>
  report(results, { node: 'v1' }, { rounds: 3, runs: 2, few: false })
    .split('\n')
    .map((line) => line.replace(/ +/g, ' '));

it('reports goals, results, and whether each goal is met', () => {
  const text = lines([result(10_000, 1, 12), result(100_000, 20, 100)]);
  expect(text).toContain('| scrape | 10,000 | CPU ms | other | ≥ 10 × | 12.0 × | reached | 2 of 2 |');
  expect(text).toContain('| scrape | 100,000 | CPU ms | other | ≥ 10 × | 5.0 × | MISSED | 0 of 2 |');
  expect(text).toContain('| other | 12.00 (12.00 ×) | 1,200 |');
  expect(text).toContain('| kit | 100 | 200 |');
  expect(text).toContain('| scrape | 100,000 | ns/series | itself at 10,000 | ≤ 1.5 × | 2.00 × | MISSED | |');
});

it('reports what could not be measured', () => {
  const nothing = {
    measured: new Map(),
    verdicts: [{ ...result(1, 1, 1).row.goals[0]!, measured: [], reached: 0 }],
  };
  const text = lines([
    result(1, 1, 1, { ...nothing, missing: ['other'] }),
    result(1, 1, 1, { ...nothing, failure: 'broken' }),
  ]);
  expect(text).toContain('Without other: not here; run: sh packages/bench/fetch.sh.');
  expect(text).toContain('Failed: broken');
  expect(text).toContain('| scrape | 1 | CPU ms | other | ≥ 10 × | not measured | | |');
  expect(text).toContain('| scrape | 1 | CPU ms | other | ≥ 10 × | failed | | |');
});
