import { describe, expect, it } from 'vitest';
import { counter, gauge, histogram, info, stateset, summary } from './declare.ts';
import { claimedNames, familyName } from './family.ts';

const help = 'x';

describe('a declaration is refused, saying what to change, when', () => {
  it.each([
    ['the name is none', () => gauge({ name: '2fast', help }), /not a metric name/],
    ['the name is empty', () => gauge({ name: '', help, waive: help }), /not a metric name/],
    ['the name is no UTF-8', () => gauge({ name: 'a\ud800', help, waive: help }), /not a metric name/],
    ['the name holds NUL', () => gauge({ name: 'a\0', help, waive: help }), /not a metric name/],
    [
      'the name holds a blank',
      () => gauge({ name: 'queue depth', help }),
      /gauge "queue depth" .*call it "queue_depth"/,
    ],
    ['the name is of another script', () => gauge({ name: '温度', help }), /not a metric name.*; choose another/],
    ['a label holds a dot', () => gauge({ name: 'a', help, labels: ['b.c'] }), /label "b.c", which .*call it "b_c"/],
    ['a label is empty', () => gauge({ name: 'a', help, labels: [''], waive: help }), /not a label name/],
    ['a label is no UTF-8', () => gauge({ name: 'a', help, labels: ['a\udc00'], waive: help }), /not a label name/],
    ['a reserved label is quoted', () => gauge({ name: 'a', help, labels: ['__é'], waive: help }), /reserved/],
    [
      'a label becomes __name__',
      () => gauge({ name: 'a', help, labels: ['..name..'], waive: help }),
      /"..name.." becomes "__name__" under the escaping "underscores"/,
    ],
    [
      'a label becomes __name__ under dots only',
      () => gauge({ name: 'a', help, labels: ['_name_'] }),
      /"_name_" becomes "__name__" under the escaping "dots"/,
    ],
    [
      'labels are one when escaped',
      () => gauge({ name: 'a', help, labels: ['b.c', 'b_c'], waive: help }),
      /the labels "b.c" and "b_c" are both "b_c" under the escaping "underscores"/,
    ],
    [
      "a label is the stateset's own when escaped",
      () => stateset({ name: 'a.b', help, labels: ['a_b'], states: ['c'], waive: help }),
      /the labels "a_b" and "a.b" are both "a_b"/,
    ],
    ['the help is missing', () => gauge({ name: 'a', help: ' ' }), /has no help/],
    ['a label is none', () => gauge({ name: 'a', help, labels: ['a-b'] }), /not a label name/],
    ['a label is reserved', () => gauge({ name: 'a', help, labels: ['__name__'] }), /reserved/],
    ['a label comes twice', () => gauge({ name: 'a', help, labels: ['b', 'b'] }), /declared twice/],
    ['a label lists no values', () => gauge({ name: 'a', help, labels: { b: [] } }), /lists no values/],
    ['a counter lacks _total', () => counter({ name: 'reads', help }), /call it "reads_total"/],
    [
      'a counter has _total twice',
      () => counter({ name: 'c_total_total', help }),
      /counter c_total_total ends in "_total" twice; call it "c_total"/,
    ],
    ['an info has _info three times', () => info({ name: 'c_info_info_info', help }), /twice; call it "c_info"/],
    ['a gauge has _total', () => gauge({ name: 'reads_total', help }), /drop "_total"/],
    ['an info lacks _info', () => info({ name: 'build', help }), /call it "build_info"/],
    ['a gauge ends like a histogram', () => gauge({ name: 'a_bucket', help }), /reserved for histograms/],
    ['a gauge ends in _count', () => gauge({ name: 'a_count', help }), /"_count"/],
    ['a name ends in _created', () => gauge({ name: 'a_created', help }), /OpenMetrics reserves/],
    ['a gauge has le', () => gauge({ name: 'a', help, labels: ['le'] }), /belongs to histograms/],
    [
      'a histogram has le',
      () => histogram({ name: 'a', help, labels: ['le'], buckets: [1] }),
      /written by every histogram/,
    ],
    [
      'a stateset has its own name as label',
      () => stateset({ name: 'a', help, labels: ['a'], states: ['b'] }),
      /written by every/,
    ],
    ['the unit is no base unit', () => gauge({ name: 'a_milliseconds', help }), /base unit seconds/],
    ['the unit is abbreviated', () => gauge({ name: 'a_ms', help }), /abbreviates a unit/],
    ['the unit is not in the name', () => gauge({ name: 'a', help, unit: 'seconds' }), /call it "a_seconds"/],
    ['the unit is not before _total', () => counter({ name: 'a_total', help, unit: 'bytes' }), /"a_bytes_total"/],
    ['the name names its type', () => gauge({ name: 'a_gauge', help }), /leave that out/],
    ['the name has a colon', () => gauge({ name: 'a:b', help }), /recording rules/],
    ['the name is camelCase', () => gauge({ name: 'queueDepth', help }), /call it "queue_depth"/],
    ['a label is camelCase', () => gauge({ name: 'a', help, labels: ['queueName'] }), /call it "queue_name"/],
    ['there are no buckets', () => histogram({ name: 'a', help } as never), /buckets is missing/],
    ['a unit is abbreviated in capitals', () => gauge({ name: 'A_MS', help }), /abbreviates/],
    ['buckets fall', () => histogram({ name: 'a', help, buckets: [2, 1] }), /must be ascending/],
    [
      'a bucket is infinite',
      () => histogram({ name: 'a', help, buckets: [1, Number.POSITIVE_INFINITY] }),
      /not a number/,
    ],
    ['a bucket is NaN', () => histogram({ name: 'a', help, buckets: [Number.NaN] }), /not a number/],
    ['a quantile is above 1', () => summary({ name: 'a', help, quantiles: [99] }), /from 0 to 1/],
    ['there are no states', () => stateset({ name: 'a', help, states: [] }), /states is empty/],
    ['a state comes twice', () => stateset({ name: 'a', help, states: ['b', 'b'] }), /named twice/],
  ])('%s', (_what, declare, message) => {
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow(message);
  });
});

it('lets a naming rule be waived with a reason, and only that rule', () => {
  const waive = { total: 'the name the source gives it' };
  expect(counter({ name: 'reads', help, waive }).name).toBe('reads');
  expect(() => counter({ name: 'reads_ms', help, waive })).toThrow(/abbreviates/);
  expect(() => counter({ name: 'reads', help, waive: { total: '' } })).toThrow(/call it/);
  expect(counter({ name: 'reads_ms', help, waive: 'names of another system' }).name).toBe('reads_ms');
  expect(gauge({ name: 'a b', help, waive: 'names of another system' }).name).toBe('a b');
});

it('takes names of all characters when that is waived', () => {
  const waive = { syntax: 'OpenTelemetry name' };
  const metric = counter({ name: 'http.requests_total', help, labels: ['label.x', '名'], waive });
  expect(metric).toMatchObject({ name: 'http.requests_total', labels: [{ name: 'label.x' }, { name: '名' }] });
  expect(() => counter({ name: 'http.requests', help, waive })).toThrow(/call it "http.requests_total"/);
  expect(() => gauge({ name: 'a.b', help, waive: { case: 'x' } })).toThrow(/Or waive: { syntax: 'why' }/);
});

it('freezes what it declares', () => {
  expect(Object.isFrozen(gauge({ name: 'a', help }))).toBe(true);
});

it('knows the names a family takes', () => {
  expect(claimedNames(counter({ name: 'a_total', help }))).toEqual(['a_total', 'a', 'a_created']);
  expect(claimedNames(info({ name: 'a_info', help }))).toEqual(['a_info', 'a']);
  expect(claimedNames(gauge({ name: 'a.b', help, waive: help }))).toEqual(['a.b', 'a_b', 'U__a_2e_b']);
  expect(familyName(counter({ name: 'a_total', help }))).toBe('a');
  expect(familyName(gauge({ name: 'a', help }))).toBe('a');
});
