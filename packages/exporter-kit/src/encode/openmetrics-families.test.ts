import { expect, it } from 'vitest';
import { joinParts, snapshotOf } from '../collect/scrape/snapshot.ts';
import { countDrops } from '../collect/store/drops.ts';
import { Store } from '../collect/store/store.ts';
import { writeFamilies } from '../collect/write-families.ts';
import type { FamilyWriter } from '../collect/writers.ts';
import { parseOpenMetrics } from '../parse/openmetrics.ts';
import { parseText } from '../parse/text.ts';
import { encodeToString } from './encode.ts';
import { openMetrics } from './openmetrics.ts';

/** Writes one exposition after the other into the same store; gives each as OpenMetrics. */
function inOpenMetrics(...expositions: string[]): string[] {
  const store = new Store({ title: 'test', metrics: {} }, countDrops(true));
  return expositions.map((one) => {
    writeFamilies(store.begin().family as FamilyWriter, parseText(one, { lenient: true }));
    const frozen = store.snapshot();
    const conflict = (_: number, detail: string) => expect.unreachable(detail);
    const text = encodeToString(
      snapshotOf(joinParts([{ title: 'test', columns: frozen.columns, conflict }])),
      openMetrics,
    );
    frozen.release();
    parseOpenMetrics(text);
    return text.replaceAll(/# HELP .*\n/g, '');
  });
}

it('takes the type of a counter beside what OpenMetrics reserves for it, and no sample', () => {
  const text =
    '# TYPE x_total counter\nx_total 1\n# TYPE x_created gauge\nx_created 2\n# TYPE y_total counter\ny_total 3\n';
  expect(inOpenMetrics(text)).toEqual([
    '# TYPE x_created gauge\nx_created 2\n# TYPE x_total unknown\nx_total 1\n# TYPE y counter\ny_total 3\n# EOF\n',
  ]);
});

it('makes a histogram that is none a family for each name', () => {
  const text = '# TYPE h histogram\nh_bucket{a="1",le="1"} 1\nh_sum{a="1"} 2\nh_bucket{a="2",le="+Inf"} 1\n';
  expect(inOpenMetrics(text)).toEqual([
    [
      ...['# TYPE h_bucket unknown', 'h_bucket{a="1",le="1.0"} 1', 'h_bucket{a="2",le="+Inf"} 1'],
      ...['# TYPE h_sum unknown', 'h_sum{a="1"} 2', '# EOF\n'],
    ].join('\n'),
  ]);
});

it('puts lines in order, also those that later runs have between the others', () => {
  const heads = '# TYPE h histogram\n# TYPE s summary\n';
  const first = `${heads}h_bucket{a="1",le="1"} 1\nh_bucket{a="1",le="+Inf"} 2\ns{quantile="0.5"} NaN\ns_count 0\n`;
  const between =
    's_sum 0\nh_bucket{a="1",le="0.5"} 0\nh_bucket{a="2",le="+Inf"} 3\nh_sum{a="1"} 4\nh_count{a="1"} 2\n';
  const whole = [
    ...[
      '# TYPE h histogram',
      'h_bucket{a="1",le="0.5"} 0',
      'h_bucket{a="1",le="1.0"} 1',
      'h_bucket{a="1",le="+Inf"} 2',
    ],
    ...['h_sum{a="1"} 4', 'h_count{a="1"} 2', 'h_bucket{a="2",le="+Inf"} 3'],
    ...['# TYPE s summary', 's{quantile="0.5"} NaN', 's_sum 0', 's_count 0', '# EOF\n'],
  ].join('\n');
  const [, second, third] = inOpenMetrics(first, first + between, `${heads}${between}${first.replace(heads, '')}`);
  expect([second, third]).toEqual([whole, whole]);
});

it('takes the type of what a value forbids, in the run that has it', () => {
  const text = (quantile: number) => `# TYPE s summary\ns{quantile="0.5"} ${quantile}\ns_sum 1\ns_count 1\n`;
  expect(inOpenMetrics(text(1), text(-1), text(2))).toEqual([
    '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 1\ns_count 1\n# EOF\n',
    '# TYPE s unknown\ns{quantile="0.5"} -1\n# TYPE s_sum unknown\ns_sum 1\n# TYPE s_count unknown\ns_count 1\n# EOF\n',
    '# TYPE s summary\ns{quantile="0.5"} 2\ns_sum 1\ns_count 1\n# EOF\n',
  ]);
});
