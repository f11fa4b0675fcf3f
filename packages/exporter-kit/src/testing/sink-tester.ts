import { deepStrictEqual } from 'node:assert';
import { silent } from '../collect/context.ts';
import type { Family, Sample } from '../collect/families.ts';
import { parseText } from '../parse/text.ts';
import { familySnapshot } from '../push/family-snapshot.ts';
import type { Delivery, Group, Grouping, Mode, Sink, SinkContext } from '../push/sink.ts';

/** A sink, and a way to look at what it has delivered. */
export interface SinkUnderTest {
  readonly sink: Sink;
  /**
   * All that is there now, of all groups, as somebody who scrapes or reads it gets it: every series with its job and
   * grouping as labels. What is there beside, and labels that are empty, do not matter.
   */
  read(): Promise<readonly Family[]>;
}

/** What a rule does to the sink under test, and how it looks at what became of it. */
export interface Tester {
  readonly sink: Sink;
  /** A job that no other rule has. */
  readonly job: string;
  /** Another at each delivery. */
  context(): SinkContext;
  deliver(mode: Mode, exposition: string, grouping?: Grouping, job?: string): Promise<void>;
  /** Compares what a group has with what it should have. */
  expect(exposition: string, grouping?: Grouping, job?: string): Promise<void>;
}

/** Makes the tester of a sink, for one rule. */
export function tester(sink: Sink, read: SinkUnderTest['read'], job: string): Tester {
  const context = (): SinkContext => ({ log: silent, signal: AbortSignal.timeout(30_000) });
  return {
    sink,
    job,
    context,
    deliver: (mode, exposition, grouping = {}, of = job) =>
      sink.deliver(deliveryOf({ job: of, grouping }, mode, exposition), context()),
    async expect(exposition, grouping = {}, of = job) {
      const group = { job: of, grouping };
      const there = (await read()).filter(({ name }) => name.startsWith('conformance_'));
      const found = sortedLines(there.flatMap((family) => family.samples.flatMap((sample) => own(sample, group))));
      const wanted = sortedLines(parseText(exposition).flatMap((family) => family.samples));
      deepStrictEqual(
        found,
        wanted,
        `${sink.name}: of job ${JSON.stringify(of)} ${JSON.stringify(grouping)}, there is`,
      );
    },
  };
}

export function deliveryOf(group: Group, mode: Mode, exposition: string): Delivery {
  return { ...group, mode, snapshot: familySnapshot(parseText(exposition), 'sinkConformance') };
}

/** The sample without its group's labels; nothing when it is of another group. */
function own(sample: Sample, { job, grouping }: Group): Sample[] {
  const labels = Object.fromEntries(Object.entries(sample.labels).filter(([, value]) => value !== ''));
  for (const [label, value] of Object.entries({ job, ...grouping })) {
    if ((labels[label] ?? '') !== value) return [];
    delete labels[label];
  }
  // A label of another grouping.
  return 'group' in labels || 'shard' in labels ? [] : [{ ...sample, labels }];
}

function sortedLines(samples: readonly Sample[]): string[] {
  return samples
    .map(({ name, labels, value }) => `${name}${JSON.stringify(Object.entries(labels).sort())} ${value}`)
    .sort();
}
