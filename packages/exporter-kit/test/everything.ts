import { encodeToString, texts } from '../src/encode/encode.ts';
import { counter, gauge, histogram, info, type Job, job, type Sink, stateset, summary, untyped } from '../src/index.ts';
import type { Escaping } from '../src/metric/escape.ts';
import { parseText, type Sample } from '../src/parse/index.ts';

const help = 'x';
const waive = { syntax: 'names of any character' };

/** Numbers that are easily written wrong. */
const oddNumbers: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.1,
  1 / 3,
  1e21,
  1.7976931348623157e308,
  -1.7976931348623157e308,
  5e-324,
  2 ** 53 + 2,
  1234567890.123456,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];

/** Label values that are easily written wrong. */
const oddTexts: readonly string[] = [
  '',
  ' ',
  '"',
  '\\',
  '\\"',
  '\\n',
  'a\nb',
  '\r\n\t',
  'a="b",c',
  '} 1',
  '# x',
  'größe',
  '日本語',
  '🦊',
  '\u2028',
  '\u0000',
];

/** A job with metrics of each kind, and whatever is odd about them. `round` makes a run's values differ from another's. */
export function everything(round: number): Job {
  return job({
    name: 'sync',
    metrics: {
      number: gauge({ name: 'odd_number', help, labels: ['i'] }),
      text: gauge({ name: 'odd_text', help, labels: ['text', 'i'] }),
      done: counter({ name: 'done_total', help }),
      wait: histogram({ name: 'wait_seconds', help, unit: 'seconds', labels: ['to'], buckets: [0.1, 1, 25] }),
      size: summary({ name: 'size_bytes', help, unit: 'bytes', quantiles: [0.5, 0.99] }),
      version: info({ name: 'sync_info', help, labels: ['version'] }),
      state: stateset({ name: 'sync_state', help, states: ['idle', 'busy'] }),
      any: untyped({ name: 'anything', help }),
      utf8: gauge({ name: 'disk.größe', help, labels: ['disk.name'], waive }),
    },
    run(write) {
      for (const [i, value] of oddNumbers.entries()) write.number.set({ i }, value);
      for (const [i, value] of oddTexts.entries()) write.text.set({ text: value, i }, i + round);
      write.done.set(2 ** 53 + round * 2);
      write.wait.set({ to: 'a' }, { counts: [1, 2, 3, 4 + round], sum: 12.5 });
      write.wait.set({ to: 'b' }, { counts: [0, 0, 0, 0], sum: 0 });
      write.size.set({ quantiles: [1.5, Number.NaN], sum: 3, count: round });
      write.version.set({ version: '1.0.0' });
      write.state.set(round % 2 === 0 ? 'idle' : 'busy');
      write.any.set(round);
      write.utf8.set({ 'disk.name': 'sd "a"' }, 0.1 + round);
    },
  });
}

/** A sink that keeps what it is given, as the text format has it. */
export function memory(escaping: Escaping = 'underscores'): Sink & { readonly samples: Sample[] } {
  const samples: Sample[] = [];
  return {
    name: 'memory',
    samples,
    async deliver({ snapshot }) {
      samples.splice(0);
      samples.push(...parseText(encodeToString(snapshot, texts[escaping])).flatMap((family) => family.samples));
    },
  };
}
