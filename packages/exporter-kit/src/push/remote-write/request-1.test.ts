import { expect, it } from 'vitest';
import { readRequest } from '../../../test/engine.ts';
import type { LazyFamily, Sample } from '../../collect/families.ts';
import { samplesOf } from '../../encode/samples.ts';
import { parseText } from '../../parse/text.ts';
import { familySnapshot } from '../family-snapshot.ts';
import { remoteWrite1 } from './request-1.ts';

const family: LazyFamily = { name: 'x', kind: 'unknown', help: '', unit: '', samples: [] };

function written(samples: Iterable<Sample>, group: { readonly [label: string]: string } = { job: 'j' }): object[] {
  const request = remoteWrite1.writer(group, 1e12);
  for (const sample of samples) request.write(sample, family);
  request.keep();
  return readRequest(request.take()).map(({ labels, samples: [sample] }) => ({
    ...Object.fromEntries(labels),
    value: sample!.value,
  }));
}

const samplesIn = (text: string): Sample[] =>
  [...samplesOf(familySnapshot(parseText(text, { lenient: true }), 'test'))].flatMap(({ samples }) => [...samples]);

it('gives every series the labels that it has in the other formats, and none that was not there', () => {
  const text = [
    ...['# TYPE h histogram', 'h_bucket{le="1000000"} 1', 'h_bucket{le="1e-9"} 0', 'h_sum 2'],
    ...['# TYPE s summary', 's{r="a",quantile=".50"} 1', 's{r="b",quantile="1"} 2', 's_created 3', ''],
  ].join('\n');
  expect(written(samplesIn(text))).toEqual([
    { __name__: 'h_bucket', job: 'j', le: '1e+06', value: 1 },
    { __name__: 'h_bucket', job: 'j', le: '1e-09', value: 0 },
    { __name__: 'h_sum', job: 'j', value: 2 },
    { __name__: 's', job: 'j', r: 'a', quantile: '0.5', value: 1 },
    { __name__: 's', job: 'j', r: 'b', quantile: '1.0', value: 2 },
    { __name__: 's_created', job: 'j', value: 3 },
  ]);
});

it('sorts labels by name, and has none that is empty', () => {
  const request = remoteWrite1.writer({ job: 'j', Zone: 'eu', instance: '' }, 1e12);
  request.write({ name: 'g', labels: { b: '1', a: '', constructor: 'x' }, value: 1 }, family);
  request.keep();
  expect(readRequest(request.take())[0]!.labels.map(([name]) => name)).toEqual([
    'Zone',
    '__name__',
    'b',
    'constructor',
    'job',
  ]);
});

it('forgets no label when values and label names alternate', () => {
  const all: Sample[] = Array.from({ length: 200 }, (_, i) => ({
    name: `g${i % 3}`,
    labels: { a: String(i >> 2), ...(i % 2 === 0 ? { b: 'same' } : {}), [`only_${i % 40}`]: 'x'.repeat(i) },
    value: i,
  }));
  expect(written(all)).toEqual(
    all.map(({ name, labels, value }) => ({
      __name__: name,
      job: 'j',
      ...Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== '')),
      value,
    })),
  );
});
