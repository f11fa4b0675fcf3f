import { counter, gauge, histogram } from 'exporter-kit';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { needsWaiver } from './naming.ts';

const declare = {
  counter,
  gauge,
  histogram: (options: Parameters<typeof counter>[0]) => histogram({ ...options, buckets: [1] }),
};

const words = (
  'shop http requests total count sum bucket info created seconds milliseconds ms s minutes hours bytes kilobytes mebibytes ' +
  'bits counter gauge histogram summary fahrenheit celsius Total camelCase le quantile volts millivolts weeks d m 9 x'
).split(' ');
const word = fc.oneof(fc.constantFrom(...words), fc.stringMatching(/^[a-zA-Z0-9:]{1,6}$/));
const name = fc
  .array(word, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('_'))
  .filter((each) => /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(each));
const label = fc.oneof(
  fc.constantFrom('le', 'quantile', 'kind', 'httpMethod'),
  fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,4}$/),
);

it('waives wherever the kit would refuse a name', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('counter', 'gauge', 'histogram'),
      name,
      fc.uniqueArray(label, { maxLength: 2 }),
      fc.constantFrom('Help.', ' '),
      (kind, metric, labels, help) => {
        const options = { name: metric, help, labels };
        let refused = false;
        try {
          declare[kind](options);
        } catch {
          refused = true;
        }
        // prom-client refuses the first itself; of the others, metrics stay.
        if (kind === 'histogram' && labels.includes('le')) return;
        if (labels.some((each) => each.startsWith('__'))) return;
        declare[kind]({ ...options, waive: 'a reason' });
        if (refused) expect(needsWaiver({ kind, name: metric, help, labels })).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

it('waives nothing that is usual', () => {
  const usual = [
    ['counter', 'shop_orders_total'],
    ['gauge', 'shop_queue_size_bytes'],
    ['histogram', 'http_request_duration_seconds'],
  ] as const;
  for (const [kind, metric] of usual) {
    expect(needsWaiver({ kind, name: metric, help: 'Help.', labels: ['method', 'status_code'] })).toBe(false);
    expect(() => declare[kind]({ name: metric, help: 'Help.', labels: ['method', 'status_code'] })).not.toThrow();
  }
});
