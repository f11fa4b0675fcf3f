import { deepStrictEqual } from 'node:assert';
import { silent } from '../collect/context.ts';
import { callSafely, isError } from '../errors/thrown.ts';
import { isPermanentFailure } from '../push/permanent-failure.ts';
import type { Grouping, Mode, Sink, SinkContext } from '../push/sink.ts';
import { deliveryOf, type Tester } from './sink-tester.ts';

/** Resolves if the sink obeys the rule, with a reason if it is exempt from it. */
export type Rule = (tester: Tester) => Promise<string | undefined>;

const gauge = (name: string, ...lines: string[]): string =>
  `# HELP conformance_${name} Made up.\n# TYPE conformance_${name} gauge\n${lines.map((line) => `conformance_${name}${line}\n`).join('')}`;

/** A rule about stored groups; sinks without these modes are exempt. */
function ifModes(rule: (tester: Tester) => Promise<void>, ...modes: Mode[]): Rule {
  return async (tester) => {
    const lacking = modes.find((mode) => !(tester.sink.modes ?? ['replace', 'add']).includes(mode));
    if (lacking !== undefined) return `${tester.sink.name} does not support the mode "${lacking}"`;
    await rule(tester);
    return undefined;
  };
}

/** A rule without exemptions. */
function always(rule: (tester: Tester) => Promise<void>): Rule {
  return async (tester) => {
    await rule(tester);
    return undefined;
  };
}

const EVERY_TYPE = `${gauge('gauge', ' 1.5', '{a="b"} -0', '{a="c"} NaN', '{a="d"} +Inf', '{a="e"} -Inf', '{a="f"} 5e-324')}
# HELP conformance_counter_total Made up.
# TYPE conformance_counter_total counter
conformance_counter_total 9007199254740991
# HELP conformance_histogram Made up.
# TYPE conformance_histogram histogram
conformance_histogram_bucket{a="b",le="0.5"} 1
conformance_histogram_bucket{a="b",le="+Inf"} 3
conformance_histogram_sum{a="b"} 7.25
conformance_histogram_count{a="b"} 3
# HELP conformance_summary Made up.
# TYPE conformance_summary summary
conformance_summary{quantile="0.5"} 2
conformance_summary_sum 4
conformance_summary_count 2
# HELP conformance_untyped Made up.
# TYPE conformance_untyped untyped
conformance_untyped 1
`;

const ODD = [
  'a/b',
  'a b',
  'größe',
  '..',
  '.',
  '%2F',
  'a+b',
  '"quoted"',
  'a\\b',
  'two\nlines',
  '?x=y#z',
  '日本',
  '😀',
  '@base64',
  '=',
];

/** A label value as an exposition writes it. */
const quoted = (value: string): string =>
  `"${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`;

/** All rules, by title. */
export const sinkRules: { readonly [title: string]: Rule } = {
  'has a one-line name': always(async ({ sink }) => {
    deepStrictEqual(/^\S.*$/.test(sink.name), true, `the name is ${JSON.stringify(sink.name)}`);
  }),

  'delivers every type and value': always(async ({ deliver, expect }) => {
    await deliver('replace', EVERY_TYPE);
    await expect(EVERY_TYPE);
  }),

  'delivers unusual label values': always(async ({ deliver, expect }) => {
    const body = gauge('odd', ...ODD.map((value, i) => `{a=${quoted(value)}} ${i}`));
    await deliver('replace', body);
    await expect(body);
  }),

  'replaces a whole group': ifModes(async ({ deliver, expect }) => {
    await deliver('replace', gauge('old', ' 1') + gauge('both', '{a="x"} 1', '{a="y"} 2'));
    const now = gauge('both', '{a="y"} 3') + gauge('new', ' 4');
    await deliver('replace', now);
    await expect(now);
  }, 'replace'),

  'replaces a group with nothing': ifModes(async ({ deliver, expect }) => {
    await deliver('replace', gauge('old', ' 1'));
    await deliver('replace', '');
    await expect('');
  }, 'replace'),

  'adds whole families, and keeps the others': ifModes(
    async ({ deliver, expect }) => {
      await deliver('replace', gauge('stays', '{a="x"} 1') + gauge('both', '{a="x"} 1', '{a="y"} 2'));
      await deliver('add', gauge('both', '{a="z"} 3') + gauge('new', ' 4'));
      await expect(gauge('stays', '{a="x"} 1') + gauge('both', '{a="z"} 3') + gauge('new', ' 4'));
    },
    'replace',
    'add',
  ),

  'adds to a missing group': ifModes(async ({ deliver, expect }) => {
    await deliver('add', gauge('new', ' 1'));
    await expect(gauge('new', ' 1'));
  }, 'add'),

  'adds nothing': ifModes(async ({ deliver, expect }) => {
    await deliver('add', gauge('old', ' 1'));
    await deliver('add', '');
    await expect(gauge('old', ' 1'));
  }, 'add'),

  'is idempotent': ifModes(
    async ({ deliver, expect }) => {
      for (let i = 0; i < 2; i++) await deliver('replace', gauge('one', ' 1'));
      for (let i = 0; i < 2; i++) await deliver('add', gauge('two', ' 2'));
      await expect(gauge('one', ' 1') + gauge('two', ' 2'));
    },
    'replace',
    'add',
  ),

  'keeps groups apart': ifModes(async ({ job, deliver, expect }) => {
    const groupings: readonly Grouping[] = [
      {},
      { group: 'a' },
      { group: 'b' },
      { shard: 'a' },
      { group: 'a', shard: 'b' },
    ];
    for (const [i, grouping] of groupings.entries()) await deliver('replace', gauge('one', ` ${i}`), grouping);
    await deliver('replace', gauge('one', ' 9'), {}, `${job}, another`);
    await deliver('replace', gauge('one', ' 7'), { group: 'b' });
    for (const [i, grouping] of groupings.entries()) {
      await expect(gauge('one', ` ${i === 2 ? 7 : i}`), grouping);
    }
    await expect(gauge('one', ' 9'), {}, `${job}, another`);
  }, 'replace'),

  'accepts grouping labels in any order': ifModes(async ({ deliver, expect }) => {
    await deliver('replace', gauge('one', ' 1'), { group: 'a', shard: 'b' });
    await deliver('replace', gauge('two', ' 2'), { shard: 'b', group: 'a' });
    await expect(gauge('two', ' 2'), { group: 'a', shard: 'b' });
  }, 'replace'),

  'accepts unusual grouping values': ifModes(async ({ job, deliver, expect }) => {
    for (const [i, value] of ODD.entries()) await deliver('replace', gauge('one', ` ${i}`), { group: value });
    for (const [i, value] of ODD.entries()) await expect(gauge('one', ` ${i}`), { group: value });
    for (const [i, value] of ODD.entries()) await deliver('replace', gauge('two', ` ${i}`), {}, `${job} ${value}`);
    for (const [i, value] of ODD.entries()) await expect(gauge('two', ` ${i}`), {}, `${job} ${value}`);
  }, 'replace'),

  'accepts an empty grouping value': ifModes(async ({ deliver, expect }) => {
    await deliver('replace', gauge('one', ' 1'), { group: '' });
    await expect(gauge('one', ' 1'), { group: '' });
  }, 'replace'),

  'accepts concurrent deliveries': ifModes(async ({ deliver, expect }) => {
    const shards = Array.from({ length: 20 }, (_, i) => ({ shard: String(i) }));
    await Promise.all(shards.map((shard, i) => deliver('replace', gauge('one', ` ${i}`), shard)));
    for (const [i, shard] of shards.entries()) await expect(gauge('one', ` ${i}`), shard);
  }, 'replace'),

  'rejects labels that its group sets, and changes nothing': ifModes(async ({ sink, deliver, expect }) => {
    await deliver('replace', gauge('old', ' 1'), { group: 'a' });
    for (const label of ['group', 'job']) {
      const error = await failure(sink, deliver('replace', gauge('one', `{${label}="x"} 1`), { group: 'a' }));
      if (!isPermanentFailure(error))
        throw new Error(`${sink.name}: is not a permanent failure: ${error.message}`, { cause: error });
      if (!error.message.includes(`"${label}"`))
        throw new Error(`${sink.name}: the message does not name "${label}": ${error.message}`);
      if (!error.message.includes(sink.name))
        throw new Error(`${sink.name}: the message does not name the sink: ${error.message}`);
    }
    await expect(gauge('old', ' 1'), { group: 'a' });
  }, 'replace'),

  'rejects an invalid grouping': ifModes(async ({ sink, deliver }) => {
    for (const grouping of [{ job: 'x' }, { __name__: 'x' }, { 'a-b': 'x' }]) {
      const error = await failure(sink, deliver('replace', gauge('one', ' 1'), grouping as never));
      if (!isPermanentFailure(error))
        throw new Error(`${sink.name}: is not a permanent failure: ${error.message}`, { cause: error });
    }
  }, 'replace'),

  'does nothing after its signal has aborted': ifModes(async ({ sink, job, deliver, expect }) => {
    await deliver('replace', gauge('old', ' 1'));
    const late: SinkContext = { log: silent, signal: AbortSignal.abort(new Error('no more time')) };
    const error = await failure(
      sink,
      sink.deliver(deliveryOf({ job, grouping: {} }, 'replace', gauge('new', ' 2')), late),
    );
    if (isPermanentFailure(error))
      throw new Error(`${sink.name}: is a permanent failure, though a retry may succeed: ${error.message}`);
    await expect(gauge('old', ' 1'));
  }, 'replace'),

  'removes a group, and ignores a missing one': async (tester) => {
    const { sink, job, context, deliver, expect } = tester;
    if (sink.remove === undefined) return `${sink.name} cannot remove groups`;
    await deliver('replace', gauge('one', ' 1'), { group: 'a' });
    await deliver('replace', gauge('one', ' 2'), { group: 'b/c' });
    await deliver('replace', gauge('one', ' 3'));
    for (const grouping of [{ group: 'b/c' }, { group: 'b/c' }, {}, { group: 'never' }]) {
      await sink.remove({ job, grouping }, context());
    }
    await expect('', { group: 'b/c' });
    await expect('');
    await expect(gauge('one', ' 1'), { group: 'a' });
    return undefined;
  },
};

async function failure(sink: Sink, delivering: Promise<void>): Promise<Error> {
  const thrown = await callSafely(() => delivering);
  if (isError(thrown?.error)) return thrown.error;
  throw new Error(
    `${sink.name}: ${thrown === undefined ? 'delivers what it should reject' : 'rejects with something that is not an Error'}`,
  );
}
