import { expect, it } from 'vitest';
import { parseOptions } from './options.ts';
import { rows } from './rows/list.ts';

const options = (...args: string[]) => parseOptions(args, rows);
const named = ({ rows }: ReturnType<typeof options>) => rows.map(({ work, n }) => `${work} ${n}`);

it('runs everything by default, and keeps only complete results', () => {
  expect(options()).toMatchObject({ rows, rounds: 3, runs: 3, few: false, whole: true });
  expect(options('--rounds', '2').whole).toBe(false);
});

it('runs the core rows with --quick', () => {
  const quick = options('--quick', '--json', 'x.json');
  expect(quick).toMatchObject({ rounds: 2, runs: 1, few: true, whole: false, json: 'x.json' });
  expect(quick.rows.length).toBeGreaterThan(0);
  expect(quick.rows.every((row) => row.quick)).toBe(true);
});

it('runs one kind of work, optionally at a given size', () => {
  expect(named(options('--only', 'gzip'))).toEqual(['gzip 1000', 'gzip 10000', 'gzip 100000']);
  expect(named(options('--only', 'gzip', '--n', '100000'))).toEqual(['gzip 100000']);
  const [other] = options('--only', 'gzip', '--n', '500').rows;
  expect(other).toMatchObject({ n: 500, goals: [] });
});

it.each([
  [['--only', 'nonsense'], /choose from scrape, /],
  [['--n', '5'], /--n needs --only/],
  [['--only', 'gzip', '--n', 'many'], /--n many/],
  [['--rounds', '0'], /--rounds 0/],
  [['--runs', 'some'], /--runs some/],
  [['--nonsense'], /--nonsense/],
])('refuses %j', (args, why) => {
  expect(() => options(...args)).toThrow(why);
});
