import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Change, changesBetween, gravest, type Level } from './difference.ts';
import { type LockedMetric, lockText, type MetricsLock } from './lock.ts';
import { readLock } from './read-lock.ts';

const depth: LockedMetric = {
  name: 'queue_depth',
  kind: 'gauge',
  help: 'Messages waiting.',
  labels: { queue: null, state: ['ready', 'held'] },
  from: ['collector queues'],
};
const lock = (...metrics: LockedMetric[]): MetricsLock => ({
  generated: 'x',
  lockVersion: 1,
  program: 'broker_exporter',
  metrics,
});
const said = (old: LockedMetric, ...now: LockedMetric[]): string[] =>
  changesBetween(lock(old), lock(...now)).map(({ level, metric, what }) => `${level} ${metric}: ${what}`);

it.each<[string, Partial<LockedMetric>, string]>([
  ['the type', { kind: 'counter' }, 'breaking queue_depth: type changed from gauge to counter'],
  ['a unit', { unit: 'bytes' }, 'breaking queue_depth: unit changed from none to bytes'],
  ['a new label', { labels: { ...depth.labels, node: null } }, 'breaking queue_depth: label "node" added'],
  ['a label less', { labels: { queue: null } }, 'breaking queue_depth: label "state" removed'],
  [
    'a value less',
    { labels: { queue: null, state: ['ready'] } },
    'breaking queue_depth: value of label "state" "held" removed',
  ],
  [
    'a new value',
    { labels: { queue: null, state: ['ready', 'held', 'lost'] } },
    'minor queue_depth: value of label "state" "lost" added',
  ],
  ['any value', { labels: { queue: null, state: null } }, 'minor queue_depth: label "state" now takes any value'],
  [
    'few values',
    { labels: { queue: ['a'], state: ['ready', 'held'] } },
    'minor queue_depth: label "queue" now takes only a',
  ],
  ['a help', { help: 'Waiting.' }, 'patch queue_depth: help changed'],
  ['states', { states: ['up'] }, 'minor queue_depth: state "up" added'],
  ['buckets', { buckets: [1, 2] }, 'minor queue_depth: buckets changed from none to 1, 2'],
  [
    'a deprecation',
    { deprecated: { replacedBy: 'queue_messages', until: '2.0.0' } },
    'minor queue_depth: deprecated, replaced by queue_messages, until 2.0.0',
  ],
  ['its place', { from: ['collector other'] }, ''],
])('tells how grave a change of %s is', (_, change, expected) => {
  expect(said(depth, { ...depth, ...change })).toEqual(expected === '' ? [] : [expected]);
});

it('tells what is new and what is gone, and whether that was announced', () => {
  const messages = { ...depth, name: 'queue_messages' };
  expect(said(depth, messages)).toEqual(['breaking queue_depth: removed', 'minor queue_messages: new']);
  const deprecated = { ...depth, deprecated: { replacedBy: 'queue_messages', until: '2.0.0' } };
  expect(said(deprecated, messages)).toContain('breaking queue_depth: removed, as announced: it is now queue_messages');
  expect(said({ ...depth, deprecated: { until: '2.0.0' } })).toEqual([
    'breaking queue_depth: removed, as announced for 2.0.0',
  ]);
});

it('promises nothing about what is experimental', () => {
  expect(said({ ...depth, experimental: true })).toEqual(['minor queue_depth: removed']);
});

const word = fc.constantFrom('a', 'b', 'c', 'constructor', 'toString', 'le');
const values = fc.option(fc.uniqueArray(fc.constantFrom('x', 'y', 'z', 'a, "b"', '1,2')), { nil: null });
const metric: fc.Arbitrary<LockedMetric> = fc.record(
  {
    name: fc.constantFrom('m1', 'm2', 'm3', 'http.requests', '{odd}'),
    kind: fc.constantFrom('gauge', 'counter', 'stateset'),
    help: fc.string(),
    unit: fc.constantFrom('seconds', 'bytes'),
    labels: fc.dictionary(word, values, { noNullPrototype: true }),
    buckets: fc.uniqueArray(fc.constantFrom(0.1, 1, 1e21)),
    states: fc.uniqueArray(word),
    deprecated: fc.record({ replacedBy: fc.constant('m1') }),
    from: fc.constant(['collector x']),
  },
  { requiredKeys: ['name', 'kind', 'help', 'from'] },
);
const locks = fc.uniqueArray(metric, { selector: ({ name }) => name }).map((all) => lock(...all));
const rank: readonly (Level | undefined)[] = [undefined, 'patch', 'minor', 'breaking'];
const names = (changes: readonly Change[]): Set<string> => new Set(changes.map((change) => change.metric));

it('survives being written and read, finds no change where there is none, and all of them elsewhere', () => {
  fc.assert(
    fc.property(locks, locks, (a, b) => {
      const read = readLock(lockText(a));
      expect(read).toEqual(a);
      expect(changesBetween(a, read)).toEqual([]);
      const changes = changesBetween(a, b);
      // Whatever is different in what expressions use is told of, in both directions.
      const used = ({ from: _, ...one }: LockedMetric): string => JSON.stringify(one, Object.keys(one).sort());
      const ofA = new Map(a.metrics.map((one) => [one.name, one]));
      const ofB = new Map(b.metrics.map((one) => [one.name, one]));
      const told = names(changes);
      for (const name of ofA.keys()) if (!ofB.has(name)) expect(told).toContain(name);
      for (const [name, one] of ofB) {
        const old = ofA.get(name);
        if (old === undefined || old.help !== one.help || old.kind !== one.kind) expect(told).toContain(name);
        else if (used(old) === used(one) && JSON.stringify(old) === JSON.stringify(one))
          expect(told).not.toContain(name);
      }
      // A new label breaks; so does the way back, on which it is gone.
      const breaks = (found: readonly Change[]): string[] =>
        found.filter(({ what }) => /^label .* (added|removed)$/.test(what)).map((one) => one.metric);
      expect(breaks(changesBetween(b, a)).sort()).toEqual(breaks(changes).sort());
      // The whole is as grave as its gravest part.
      const parts = [...told].map((name) => rank.indexOf(gravest(changes.filter((one) => one.metric === name))));
      expect(rank.indexOf(gravest(changes))).toBe(Math.max(0, ...parts));
    }),
    { numRuns: 100 },
  );
});

it.each([
  ['{', /^is not JSON/],
  ['[]', /^has no list "metrics"/],
  ['{"metrics":[],"lockVersion":2}', /^has lockVersion 2/],
  ['{"metrics":[{"name":"a"}],"lockVersion":1}', /metric 1 \("a"\): "kind" is missing/],
  ['{"metrics":[{"name":"a","kind":"gauge","help":"x","labels":["b"]}],"lockVersion":1}', /"labels" has an unexpected/],
  ['{"metrics":[null],"lockVersion":1}', /metric 1: it is not an object/],
])('refuses a damaged lock: %s', (text, message) => {
  expect(() => readLock(text)).toThrow(message);
});
