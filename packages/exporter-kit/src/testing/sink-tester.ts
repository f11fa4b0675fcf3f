import { deepStrictEqual } from 'node:assert';
import { silent } from '../collect/context.ts';
import type { Family, Sample } from '../collect/families.ts';
import { parseText } from '../parse/text.ts';
import { familySnapshot } from '../push/family-snapshot.ts';
import type { Delivery, Group, Grouping, Mode, Sink, SinkContext } from '../push/sink.ts';

/** A sink, and a way to read what it has delivered. */
export interface SinkUnderTest {
  readonly sink: Sink;
  /**
   * Everything that the receiver has now, in all groups, as a scraper sees it: each series with its job and grouping as
   * labels. Families of others and empty labels are ignored.
   */
  read(): Promise<readonly Family[]>;
}

/** How a rule uses a sink, and checks the result. */
export interface Tester {
  readonly sink: Sink;
  /** A job of this rule alone. */
  readonly job: string;
  /** A new context for each delivery. */
  context(): SinkContext;
  deliver(mode: Mode, exposition: string, grouping?: Grouping, job?: string): Promise<void>;
  /** Compares the content of a group with an exposition. */
  expect(exposition: string, grouping?: Grouping, job?: string): Promise<void>;
}

/** A tester for one rule. */
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
      deepStrictEqual(found, wanted, `${sink.name}: job ${JSON.stringify(of)} ${JSON.stringify(grouping)} has`);
    },
  };
}

/** A delivery of an exposition. */
export function deliveryOf(group: Group, mode: Mode, exposition: string): Delivery {
  return { ...group, mode, snapshot: familySnapshot(parseText(exposition), 'sinkConformance') };
}

/** The sample without its group's labels; nothing if it is in another group. */
function own(sample: Sample, { job, grouping }: Group): Sample[] {
  const labels = Object.fromEntries(Object.entries(sample.labels).filter(([, value]) => value !== ''));
  for (const [label, value] of Object.entries({ job, ...grouping })) {
    if ((labels[label] ?? '') !== value) return [];
    delete labels[label];
  }
  // Rules group by these labels: the sample is in another group.
  return 'group' in labels || 'shard' in labels ? [] : [{ ...sample, labels }];
}

function sortedLines(samples: readonly Sample[]): string[] {
  return samples
    .map(({ name, labels, value }) => `${name}${JSON.stringify(Object.entries(labels).sort())} ${value}`)
    .sort();
}
