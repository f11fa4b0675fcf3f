import { type Call, CYCLE, familyName, type Labels, makeApplication } from '../data/calls.ts';
import type { Duties } from './obey.ts';
import { kind, size } from './told.ts';

/** Makes instruments of a library, and their children for some labels; either has the method that is called. */
export interface Library<Instrument> {
  make(call: Call, name: string, labelNames: readonly string[]): Instrument;
  bind(instrument: Instrument, labels: Labels): unknown;
}

interface Bound {
  inc(): void;
  observe(value: number): void;
}
interface Labelled {
  inc(labels: Labels): void;
  observe(labels: Labels, value: number): void;
}

/**
 * The duties of a process that was started for `inc` or `observe`: `turn N` makes N calls, `-bound` or with `-labels`. They are
 * `-fresh` if each call has an object of its own, which some libraries keep.
 */
export function calling<Instrument>({ make, bind }: Library<Instrument>): Duties {
  const [call] = kind.split('-') as [Call];
  const { labelNames, series, picks, values } = makeApplication(size);
  const instruments = labelNames.map((names, family) => make(call, familyName(call, family), names));
  const owners = series.map(({ family }) => instruments[family]) as readonly unknown[] as readonly Labelled[];
  const bound = series.map(({ family, labels }) =>
    kind.endsWith('-bound') ? bind(instruments[family]!, labels) : undefined,
  ) as readonly Bound[];
  const labels = series.map((one) => one.labels);
  const one: { readonly [kind: string]: (from: number, to: number) => void } = {
    // Four calls at a time, as the fastest takes less time than a loop around it. CYCLE is a multiple of four.
    'inc-bound'(from, to) {
      let i = from;
      for (; i < to && i % 4 !== 0; i++) bound[picks[i & (CYCLE - 1)]!]!.inc();
      for (; i + 4 <= to; i += 4) {
        const at = i & (CYCLE - 1);
        bound[picks[at]!]!.inc();
        bound[picks[at + 1]!]!.inc();
        bound[picks[at + 2]!]!.inc();
        bound[picks[at + 3]!]!.inc();
      }
      for (; i < to; i++) bound[picks[i & (CYCLE - 1)]!]!.inc();
    },
    'observe-bound'(from, to) {
      for (let i = from; i < to; i++) bound[picks[i & (CYCLE - 1)]!]!.observe(values[i & (CYCLE - 1)]!);
    },
    'inc-labels'(from, to) {
      for (let i = from; i < to; i++) {
        const pick = picks[i & (CYCLE - 1)]!;
        owners[pick]!.inc(labels[pick]!);
      }
    },
    'inc-fresh'(from, to) {
      for (let i = from; i < to; i++) {
        const pick = picks[i & (CYCLE - 1)]!;
        owners[pick]!.inc({ ...labels[pick] });
      }
    },
    'observe-fresh'(from, to) {
      for (let i = from; i < to; i++) {
        const pick = picks[i & (CYCLE - 1)]!;
        owners[pick]!.observe({ ...labels[pick] }, values[i & (CYCLE - 1)]!);
      }
    },
    'observe-labels'(from, to) {
      for (let i = from; i < to; i++) {
        const pick = picks[i & (CYCLE - 1)]!;
        owners[pick]!.observe(labels[pick]!, values[i & (CYCLE - 1)]!);
      }
    },
  };
  const callAll = one[kind]!;
  let made = 0;
  return {
    turn(count) {
      // Numbers that stay small integers.
      const from = made & (CYCLE - 1);
      callAll(from, from + count);
      made += count;
    },
    reads: () => 0,
  };
}
