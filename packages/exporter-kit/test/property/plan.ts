import fc from 'fast-check';
import {
  type Collector,
  collector,
  counter,
  gauge,
  histogram,
  info,
  type Kind,
  type LabelValue,
  type Metric,
  stateset,
  summary,
  untyped,
} from '../../src/index.ts';

/** Gauge histograms are left out: text 0.0.4 has three families of one. */
type PlannedKind = Exclude<Kind, 'gaugehistogram'>;

/** One family as it is to be written: what it is, and the arguments of each `set`. */
export interface Plan {
  readonly kind: PlannedKind;
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  readonly labels: readonly string[];
  /** Bounds, quantiles or states. */
  readonly own: readonly (number | string)[];
  readonly points: readonly Point[];
}

export interface Point {
  readonly labels: { readonly [label: string]: LabelValue };
  /** One number; a histogram's counts and sum; a summary's quantiles, sum and count; the number of a state. */
  readonly numbers: readonly number[];
}

// Names that every object has, and that a careless map would find.
const inherited = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'prototype', 'isPrototypeOf'];
const awkward = [
  ...[
    '',
    ' ',
    '\n',
    '\\',
    '"',
    '\\n',
    '\\"',
    'ends in \\',
    '\r\n',
    '\t',
    '\0',
    '\u2028',
    '\ufeff',
    '\ufffd',
    'é',
    '😀',
  ],
  ...['__proto__', '{}', '}', ',', '=', 'x="y"', '"} 1', '} 1\n', ' # {a="b"} 1', '# EOF', '# TYPE a counter\n', 'NaN'],
  ...['%', '$&', '<script>', '../..', 'a,b', 'a\u0300', '\u202e'],
];

const text = fc.oneof(
  fc.constantFrom(...awkward, ...inherited),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.constantFrom(...awkward), { maxLength: 4 }).map((parts) => parts.join('')),
  // Halves of pairs, which UTF-8 can't hold.
  fc.array(fc.integer({ min: 0xd7ff, max: 0xe000 }), { maxLength: 4 }).map((codes) => String.fromCharCode(...codes)),
  fc
    .tuple(fc.constantFrom('x', '"', '\\', 'é', '😀', '\n'), fc.integer({ min: 1, max: 2048 }))
    .map(([one, length]) => one.repeat(length)),
);
const labelValue: fc.Arbitrary<LabelValue> = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.boolean() },
);

const any = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    5e-324,
    1.7976931348623157e308,
    2 ** 53,
    2 ** 64,
    1e21,
    1e-7,
    0.1 + 0.2,
  ),
  // What is written digit by digit.
  fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map((n) => n / 1000),
);
const positive = any.filter((n) => n >= 0);
const whole = fc.oneof(fc.nat(100), fc.nat(2 ** 31 - 1), fc.integer({ min: 0, max: 2 ** 45 }));

const identifier = (first: string, also: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...first), fc.string({ unit: fc.constantFrom(...also), minLength: 2, maxLength: 8 }))
    .map((parts) => parts.join(''));
const letters = 'abcxyzABC';
const metricName = fc.oneof(fc.constantFrom('__proto__', ...inherited), identifier(`${letters}_:`, `${letters}_:019`));
const labelName = fc.oneof(
  fc.constantFrom(...inherited, 'a', 'b', 'le', 'quantile', 'reason', 'collector'),
  identifier(`${letters}_`, `${letters}_019`).filter((name) => !name.startsWith('__')),
);

const bounds = (low: number, high: number): fc.Arbitrary<number[]> =>
  fc
    .uniqueArray(
      fc
        .oneof(fc.double({ min: low, max: high, noNaN: true }), fc.constantFrom(0, 0.5, 1, 10, 1e21, 1e-7, -1))
        .filter((n) => n >= low && n <= high),
      { maxLength: 6, selector: (n) => n + 0 },
    )
    .map((list) => list.sort((a, b) => a - b));
const states = fc.uniqueArray(
  text.map((state) => state.toWellFormed()).filter((state) => state !== ''),
  { minLength: 1, maxLength: 4 },
);

interface Shape {
  readonly kind: PlannedKind;
  readonly own: readonly (number | string)[];
  readonly numbers: fc.Arbitrary<readonly number[]>;
}
const number = (kind: PlannedKind, value: fc.Arbitrary<number>): fc.Arbitrary<Shape> =>
  fc.constant({ kind, own: [], numbers: fc.tuple(value) });
const finite = Number.MAX_VALUE;
const shape: fc.Arbitrary<Shape> = fc.oneof(
  number('gauge', any),
  number('unknown', any),
  number('counter', positive),
  number('info', fc.constant(1)),
  bounds(-finite, finite).map((own): Shape => {
    const counts = fc.array(whole, { minLength: own.length + 1, maxLength: own.length + 1 });
    return { kind: 'histogram', own, numbers: fc.tuple(counts, any).map(([list, sum]) => [...list, sum]) };
  }),
  bounds(0, 1).map((own): Shape => {
    const values = fc.array(any, { minLength: own.length, maxLength: own.length });
    return { kind: 'summary', own, numbers: fc.tuple(values, any, whole).map(([list, ...rest]) => [...list, ...rest]) };
  }),
  states.map((own): Shape => ({ kind: 'stateset', own, numbers: fc.tuple(fc.nat(own.length - 1)) })),
);

const withUnit: ReadonlySet<PlannedKind> = new Set(['gauge', 'unknown', 'counter', 'histogram', 'summary']);

/** A family of any kind, with any labels and any numbers that are legal for it. `help` starts and ends in what no reader trims. */
const plan: fc.Arbitrary<Plan> = fc
  .tuple(
    shape,
    metricName,
    text.map((help) => `(${help})`),
    fc.constantFrom('', '', 'seconds', 'bytes'),
    fc.boolean(),
    fc.uniqueArray(labelName, { maxLength: 4 }),
  )
  .chain(([{ kind, own, numbers }, stem, help, wantedUnit, ending, wantedLabels]) => {
    const unit = withUnit.has(kind) ? wantedUnit : '';
    // A stateset has a label of its name, and labels have no colons.
    const base = kind === 'stateset' ? `s${stem.replaceAll(':', '')}` : stem;
    const end = !ending ? '' : kind === 'counter' ? '_total' : kind === 'info' ? '_info' : '';
    const name = base + (unit === '' ? '' : `_${unit}`) + end;
    const taken = kind === 'histogram' ? 'le' : kind === 'summary' ? 'quantile' : name;
    const labels = wantedLabels.filter((label) => label !== taken);
    const point = fc.record({
      labels: fc
        .tuple(...labels.map(() => labelValue))
        .map((values) => Object.fromEntries(labels.map((label, i) => [label, values[i]!]))),
      numbers,
    });
    const points = fc.uniqueArray(point, {
      minLength: 1,
      maxLength: labels.length === 0 ? 1 : 8,
      selector: (one) => JSON.stringify(labels.map((label) => String(one.labels[label]).toWellFormed())),
    });
    return points.map((list): Plan => ({ kind, name, help, unit, labels, own, points: list }));
  });

/** Families that can stand side by side. */
export const plans = (maxLength: number): fc.Arbitrary<Plan[]> =>
  fc
    .array(plan, { minLength: Math.ceil(maxLength / 3), maxLength, size: 'max' })
    .map((list) => list.filter(({ name }, i) => !list.slice(0, i).some((earlier) => clash(name, earlier.name))));

/** Whether one family might take a name of the other: rather too often than too rarely. */
function clash(...names: [string, string]): boolean {
  const [a, b] = names.map((name) => name.replace(/_(total|info)$/, '')) as [string, string];
  return a.startsWith(b) || b.startsWith(a);
}

export function metricOf({ kind, name, help, unit, labels, own }: Plan): Metric {
  const all = { name, help, labels, waive: 'names that nobody would choose', ...(unit === '' ? {} : { unit }) };
  switch (kind) {
    case 'counter':
      return counter(all);
    case 'gauge':
      return gauge(all);
    case 'unknown':
      return untyped(all);
    case 'info':
      return info(all);
    case 'histogram':
      return histogram({ ...all, buckets: own as number[] });
    case 'summary':
      return summary({ ...all, quantiles: own as number[] });
    case 'stateset':
      return stateset({ ...all, states: own as string[] });
  }
}

/** A collector that writes the plans; in the other order at every other run. */
export function planned(list: readonly Plan[]): Collector {
  let runs = 0;
  return collector({
    name: 'planned',
    metrics: Object.fromEntries(list.map((one, i) => [`m${i}`, metricOf(one)])),
    collect(writers) {
      const backwards = runs++ % 2 === 1;
      list.forEach((one, i) => {
        const { set } = writers[`m${i}`] as unknown as { set(...args: unknown[]): void };
        const points = backwards ? one.points.toReversed() : one.points;
        for (const { labels, numbers } of points) {
          set.call(writers[`m${i}`], ...(one.labels.length === 0 ? [] : [labels]), ...argumentsOf(one, numbers));
        }
      });
    },
  });
}

/** What `set` takes after the labels. */
function argumentsOf({ kind, own }: Plan, numbers: readonly number[]): unknown[] {
  if (kind === 'info') return [];
  if (kind === 'stateset') return [own[numbers[0]!]];
  if (kind === 'histogram') return [{ counts: numbers.slice(0, -1), sum: numbers.at(-1) }];
  if (kind === 'summary') {
    return [{ quantiles: numbers.slice(0, -2), sum: numbers.at(-2), count: numbers.at(-1) }];
  }
  return [numbers[0]];
}
