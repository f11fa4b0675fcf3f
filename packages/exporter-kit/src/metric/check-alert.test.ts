import { describe, expect, it } from 'vitest';
import { counter, gauge, gaugeHistogram, histogram, info, stateset, summary, untyped } from './declare.ts';
import { type Alert, above, below, expiresWithin, inState, olderThan, prefixedViews, type Slo } from './views.ts';

const help = 'x';
const fine = { when: above(1), summary: 'Queue is long.' };
const size = gauge({ name: 'size', help, labels: ['disk'] });
const total = counter({ name: 'all_total', help });

/** With labels, one of them with values. */
const onGauge = (alert: unknown) => () =>
  gauge({ name: 'depth', help, labels: { queue: String, kind: ['a', 'b'] }, alert: alert as Alert });
const onCounter = (alert: Alert) => () => counter({ name: 'sent_total', help, alert });
const onHistogram = (slo: unknown, native?: false) => () =>
  histogram({ name: 'wait_seconds', help, buckets: native === false ? [] : [0.1, 1], native, slo: slo as Slo });

describe('an alert is refused, naming the metric and saying what to change, if', () => {
  it.each([
    [
      'its summary is missing',
      onGauge({ when: above(1) }),
      'summary undefined is not a sentence; begin with a capital',
    ],
    ['its summary has no full stop', onGauge({ ...fine, summary: 'Long' }), '"Long" is not a sentence'],
    ['its summary is in lower case', onGauge({ ...fine, summary: 'too long.' }), '"too long." is not a sentence'],
    ['its summary has a value', onGauge({ ...fine, summary: 'Is {{ $value }}.' }), 'leave values out'],
    ['its summary has two lines', onGauge({ ...fine, summary: 'One.\nTwo.' }), 'is not a sentence'],
    ['its name has a blank', onGauge({ ...fine, name: 'Too long' }), '"Too long" is not CamelCase; call it such as'],
    ['its name is in lower case', onGauge({ ...fine, name: 'long' }), '"long" is not CamelCase'],
    ['its severity is unknown', onGauge({ ...fine, severity: 'page' }), '"page" is not one of critical, warning, info'],
    ['its time is not a duration', onGauge({ ...fine, for: '10 min' }), 'for "10 min" is not a duration; write 10m'],
    ['its time is a number', onGauge({ ...fine, for: 10 }), 'for 10 is not a duration'],
    ['it fires at once', onGauge({ ...fine, for: '1m' }), 'for "1m" is too short; write 2m or more, for two scrapes'],
    ['it has no condition', onGauge({ summary: 'Bad.' }), 'does not say when it fires; write when: above(0.9)'],
    ['its threshold is NaN', onGauge({ ...fine, when: above(Number.NaN) }), 'above(NaN) is not a finite number'],
    ['its threshold is infinite', onGauge({ ...fine, when: below(-Infinity) }), 'below(-Infinity) is not a finite'],
    ['its threshold is text', onGauge({ ...fine, when: above('9' as never) }), 'above("9") is not a finite number'],
    [
      'it selects by another label',
      onGauge({ ...fine, only: { job: 'x' } }),
      'no label "job"; the labels are queue, kind',
    ],
    [
      'it selects an impossible value',
      onGauge({ ...fine, only: { kind: 'c' } }),
      'kind is never "c"; its values are a, b',
    ],
    [
      'it keeps another label',
      onGauge({ ...fine, by: ['host'] }),
      'by: there is no label "host"; the labels are queue, kind',
    ],
    ['one of several is', onGauge([fine, { ...fine, for: '' }]), 'for "" is not a duration'],
    [
      'a share has more labels',
      onGauge({ ...fine, when: above(1, { of: size }) }),
      'size has a label "disk" that this metric',
    ],
    [
      'a gauge is a share of a stateset',
      onGauge({ ...fine, when: above(1, { of: stateset({ name: 's', help, states: ['up'] }) }) }),
      'a gauge is no share of the stateset s; name a gauge or counter',
    ],
    ['a share is of text', onGauge({ ...fine, when: above(1, { of: 'size' as never }) }), 'of: this is not a metric'],
    ['a gauge has states', onGauge({ ...fine, when: inState('a') }), 'inState() needs a stateset'],
    [
      'its age is no duration',
      onGauge({ ...fine, when: olderThan('a day') }),
      '"a day" is not a duration; write 26h or 7d',
    ],
    ['its age is 0', onGauge({ ...fine, when: expiresWithin('0') }), '"0" is not a duration'],
    ['a rate is always above', onCounter({ ...fine, when: above(-1) }), 'above(-1) is always true'],
    ['a rate is never below', onCounter({ ...fine, when: below(0) }), 'below(0) is never true'],
    ['a counter has an age', onCounter({ ...fine, when: olderThan('1d') }), 'on the age of a counter has no meaning'],
    [
      'a counter is a share of a gauge',
      onCounter({ ...fine, when: above(1, { of: size }) }),
      'a counter is no share of the gauge size; name a counter',
    ],
    [
      'it is on an info',
      () => info({ name: 'a_info', help, alert: fine }),
      'info a_info: alert on an info never changes',
    ],
    [
      'a stateset has a threshold',
      () => stateset({ name: 'a', help, states: ['up'], alert: fine }),
      'needs the states',
    ],
    [
      'a state is unknown',
      () => stateset({ name: 'a', help, states: ['up'], alert: { ...fine, when: inState('down') } }),
      '"down" is no state; the states are up',
    ],
    [
      'no state is named',
      () => stateset({ name: 'a', help, states: ['up'], alert: { ...fine, when: inState() } }),
      'inState() names no state; the states are up',
    ],
    [
      'a summary is a share',
      () => summary({ name: 'a', help, alert: { ...fine, when: above(1, { of: total }) } }),
      'on a share needs a gauge or counter; a summary is neither',
    ],
  ])('%s', (_, declare, message) => {
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow(message);
    expect(declare).toThrow(/^(gauge depth|counter sent_total|info a_info|stateset a|summary a): alert .*[.]$/);
  });
});

it.each([
  ['it is not on a histogram', () => gauge({ name: 'a', help, slo: { under: 1, objective: 99 } }), 'needs a histogram'],
  [
    'its bound is no bucket',
    onHistogram({ under: 0.5, objective: 99 }),
    'under 0.5 is not one of the buckets (0.1, 1)',
  ],
  ['its bound is no number', onHistogram({ under: '1', objective: 99 }), 'under "1" is not a finite number'],
  ['all must be good', onHistogram({ under: 1, objective: 100 }), 'objective 100 is not between 0 and 100'],
  ['none must be good', onHistogram({ under: 1, objective: 0 }), 'objective 0 is not between 0 and 100'],
  ['there are no buckets at all', onHistogram({ under: 1, objective: 99 }, false), "can't be told without buckets"],
])('an objective is refused if %s', (_, declare, message) => {
  expect(declare).toThrow(TypeError);
  expect(declare).toThrow(message);
});

it('takes alerts on every kind that has a value', () => {
  const alert = { ...fine, for: '2m', severity: 'critical', name: 'QueueTooLong' } as const;
  const declared = [
    gauge({
      name: 'g',
      help,
      labels: ['disk'],
      alert: { ...alert, when: below(0.1, { of: size }), only: { disk: 'a' } },
    }),
    gauge({ name: 'h', help, labels: ['q'], alert: { ...alert, when: above(0.1, { of: size }), by: [] } }),
    gauge({
      name: 'until_seconds',
      help,
      alert: [
        { ...alert, when: expiresWithin('7d') },
        { ...alert, when: olderThan('1h30m') },
      ],
    }),
    counter({ name: 'c_total', help, alert: { ...alert, when: above(0) } }),
    counter({ name: 'd_total', help, alert: { ...alert, when: above(0.01, { of: total }) } }),
    untyped({ name: 'u', help, alert }),
    summary({ name: 's', help, alert }),
    histogram({ name: 'b', help, buckets: [1], alert, slo: { under: 1, objective: 99.9 } }),
    histogram({ name: 'n', help, buckets: [], slo: { under: 0.3, objective: 99.9 } }),
    gaugeHistogram({ name: 'gh', help, buckets: [1], alert }),
    stateset({
      name: 'st',
      help,
      states: ['up', 'down'],
      alert: { ...alert, when: inState('down') },
    }),
  ];
  expect(declared.every(({ views }) => views !== undefined)).toBe(true);
});

it('puts a prefix before all names that a declaration says', () => {
  const views = {
    alert: [{ ...fine, name: 'DiskFull', when: above(0.9, { of: size }) }, fine],
    deprecated: { replacedBy: 'new', until: '2.0.0' },
    since: '1.0.0',
  };
  const prefixed = prefixedViews('eu_', views);
  expect(prefixed).toMatchObject({
    alert: [{ name: 'EuDiskFull', when: { is: 'above', value: 0.9, of: { name: 'eu_size' } } }, fine],
    deprecated: { replacedBy: 'eu_new', until: '2.0.0' },
    since: '1.0.0',
  });
});
