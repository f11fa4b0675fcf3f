import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Escaping, escapeLabel, escapeName, escapings, isLegacyLabel, isLegacyName } from './escape.ts';
import { claimedNames, familyName } from './family.ts';
import type { Kind } from './metric.ts';

const any = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 });
// Few characters, so that names collide.
const near = fc.string({ unit: fc.constantFrom('a', '_', '.', '-', ' ', '1', ':', 'é'), minLength: 1, maxLength: 5 });

describe('escapeName', () => {
  // Columns: underscores, dots, values. What Prometheus' own library makes of them.
  it.each([
    ['queue_depth', 'queue_depth', 'queue__depth', 'queue_depth'],
    ['job:x:rate', 'job:x:rate', 'job:x:rate', 'job:x:rate'],
    ['http.requests', 'http_requests', 'http_dot_requests', 'U__http_2e_requests'],
    ['a.b_c_total', 'a_b_c_total', 'a_dot_b__c__total', 'U__a_2e_b__c__total'],
    ['a.b:sum', 'a_b:sum', 'a_dot_b:sum', 'U__a_2e_b:sum'],
    ['2fast', '_fast', '__fast', 'U___32_fast'],
    ['a2', 'a2', 'a2', 'a2'],
    ['a-b', 'a_b', 'a__b', 'U__a_2d_b'],
    ['with 🦫', 'with__', 'with____', 'U__with_20__1f9ab_'],
    ['温度', '__', '____', 'U___6e29__5ea6_'],
    ['é', '_', '__', 'U___e9_'],
  ])('%s', (name, underscores, dots, values) => {
    expect(escapeName(name, 'allow-utf-8')).toBe(name);
    expect(escapeName(name, 'underscores')).toBe(underscores);
    expect(escapeName(name, 'dots')).toBe(dots);
    expect(escapeName(name, 'values')).toBe(values);
  });

  it('makes legacy names of all', () => {
    fc.assert(
      fc.property(any, fc.constantFrom<Escaping>('underscores', 'dots', 'values'), (name, escaping) => {
        expect(isLegacyName(escapeName(name, escaping))).toBe(true);
        expect(isLegacyLabel(escapeLabel(name, escaping))).toBe(true);
      }),
    );
  });

  it('leaves legacy names as they are, but for dots, which is told apart again', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/), (name) => {
        expect(escapeName(name, 'underscores')).toBe(name);
        expect(escapeName(name, 'values')).toBe(name);
        expect(escapeName(name, 'dots').replaceAll('__', '_')).toBe(name);
      }),
    );
  });
});

it('escapes the colons of labels, which no label has', () => {
  expect(escapings.map((escaping) => escapeLabel('a:b_c', escaping))).toEqual([
    'a:b_c',
    'a_b_c',
    'a__b__c',
    'U__a_3a_b__c',
  ]);
});

describe('claimedNames', () => {
  const kinds = fc.constantFrom<Kind>('gauge', 'counter', 'histogram', 'gaugehistogram', 'summary', 'info');
  const ending = {
    gauge: '',
    counter: '_total',
    info: '_info',
    histogram: '',
    gaugehistogram: '',
    summary: '',
    stateset: '',
    unknown: '',
  };
  const metric = fc.tuple(kinds, near).map(([kind, name]) => ({ kind, name: name + ending[kind] }));

  it('knows of every collision under every escaping', () => {
    const lines = {
      histogram: ['_bucket', '_sum', '_count'],
      gaugehistogram: ['_bucket', '_gsum', '_gcount'],
      summary: ['', '_sum', '_count'],
    } as const;
    const written = ({ kind, name }: { kind: Kind; name: string }, escaping: Escaping): string[] => {
      const whole = escapeName(name, escaping);
      const endings: readonly string[] = kind in lines ? lines[kind as keyof typeof lines] : [''];
      return [familyName({ kind, name: whole }), ...endings.map((one) => whole + one)];
    };
    let collided = 0;
    fc.assert(
      fc.property(metric, metric, (a, b) => {
        fc.pre(a.name !== b.name);
        const together = escapings.some((escaping) => {
          const names = written(b, escaping);
          return written(a, escaping).some((name) => names.includes(name));
        });
        if (!together) return;
        collided++;
        const claims = claimedNames(b);
        expect(claimedNames(a).some((name) => claims.includes(name))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(collided).toBeGreaterThan(100);
  });
});
