import { expect, it } from 'vitest';
import { parseText } from '../../parse/text.ts';
import { familySnapshot } from '../family-snapshot.ts';
import { seriesOf } from './series.ts';

it('gives every series the labels that it has in the other formats, and none that was not there', () => {
  const text = [
    ...['# TYPE h histogram', 'h_bucket{le="1000000"} 1', 'h_bucket{le="1e-9"} 0', 'h_sum 2'],
    ...['# TYPE s summary', 's{r="a",quantile=".50"} 1', 's{r="b",quantile="1"} 2', 's_created 3', ''],
  ].join('\n');
  const snapshot = familySnapshot(parseText(text, { lenient: true }), 'test');
  const all = [...seriesOf({ job: 'j', grouping: {}, mode: 'add', snapshot })];
  expect(all.map(({ labels, value }) => ({ ...Object.fromEntries(labels), value }))).toEqual([
    { __name__: 'h_bucket', job: 'j', le: '1e+06', value: 1 },
    { __name__: 'h_bucket', job: 'j', le: '1e-09', value: 0 },
    { __name__: 'h_sum', job: 'j', value: 2 },
    { __name__: 's', job: 'j', r: 'a', quantile: '0.5', value: 1 },
    { __name__: 's', job: 'j', r: 'b', quantile: '1.0', value: 2 },
    { __name__: 's_created', job: 'j', value: 3 },
  ]);
});
