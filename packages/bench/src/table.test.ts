import { expect, it } from 'vitest';
import { grouped, table } from './table.ts';

it('aligns columns, numbers to the right', () => {
  expect(
    table(
      ['', 'CPU ms'],
      [
        ['kit', '9.5'],
        ['prom-client', '120.25'],
        ['none', ''],
      ],
    ),
  ).toBe(
    [
      '|             | CPU ms |',
      '|-------------|-------:|',
      '| kit         |    9.5 |',
      '| prom-client | 120.25 |',
      '| none        |        |',
    ].join('\n'),
  );
});

it('groups thousands', () => {
  expect(grouped(1_234_567.8)).toBe('1,234,568');
});
