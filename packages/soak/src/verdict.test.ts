import { expect, it } from 'vitest';
import { type Findings, tableOf, verdict } from './verdict.ts';

const good: Findings = {
  minutes: 10,
  tally: { outcomes: new Map([['GET metrics: 200', 7]]), surprises: { count: 0, first: [] } },
  memory: { at10: 100e6, at50: 104e6, at100: 109e6 },
  descriptors: { begin: 30, end: 30 },
  healthyMs: 100,
  errorLines: [],
  exitCode: 0,
};
const missed = (findings: Findings): string[] =>
  verdict(findings).flatMap(({ what, held }) => (held === false ? [what] : []));

it.each<[Partial<Findings>, string[]]>([
  [{}, []],
  [{ tally: { ...good.tally, surprises: { count: 1, first: ['x'] } } }, ['unexpected answers']],
  [{ memory: { ...good.memory, at100: 111e6 } }, ['growth from 10 % to 100 % of the time']],
  [{ memory: { ...good.memory, at100: 111e6 }, minutes: 1 }, []],
  [{ descriptors: { begin: 30, end: 31 } }, ['open descriptors at the end']],
  [{ healthyMs: 2001 }, ['longest wait of /-/healthy']],
  [{ healthyMs: 2001, minutes: 1 }, []],
  [{ healthyMs: 20_001, minutes: 1 }, ['longest wait of /-/healthy']],
  [{ errorLines: ['level=error'] }, ['unexpected lines at level error']],
  [{ errorLines: ['level=error'], minutes: 1 }, ['unexpected lines at level error']],
  [{ errorLines: ['level=error status=timeout reason=x'] }, ['unexpected lines at level error']],
  [{ errorLines: ['level=error status=timeout reason=x'], minutes: 1 }, []],
  [{ exitCode: null }, ['exit code after SIGTERM']],
])('%j misses %j', (change, bars) => {
  expect(missed({ ...good, ...change })).toEqual(bars);
});

it('is one table', () => {
  const text = tableOf(verdict(good));
  expect(text).toMatch(/^GET metrics: 200 +7$/m);
  expect(text).toMatch(/^growth from 10 % to 100 % of the time +9\.0 % {2}≤ 10 % +held$/m);
});
