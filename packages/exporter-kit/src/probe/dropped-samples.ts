import type { Exporter } from '../collect/exporter.ts';
import { type SelfMetrics, selfMetrics } from '../collect/scrape/self-metrics.ts';
import { countDrops, type DropReason, type Drops } from '../collect/store/drops.ts';
import { counter } from '../metric/declare.ts';
import { above } from '../metric/views.ts';

/** The dropped samples of one probe run, for one reason. */
export interface Dropped {
  readonly reason: DropReason;
  readonly count: number;
  /** Describes the first of them. */
  readonly first: string;
}

/** @param mask removes secrets from a text. */
export function droppedOf({ counts, first }: Drops, mask: (text: string) => string): Dropped[] {
  return [...counts].map(([reason, count]) => ({ reason, count, first: mask(first.get(reason) ?? '') }));
}

/** Counts the samples dropped by an exporter's probes since the start. */
export interface DroppedProbeSamples {
  /** The counts of one probe, to be added to. */
  of(probe: string): Drops;
  readonly selfMetrics: SelfMetrics<undefined>;
}

export function countDroppedProbeSamples({ namespace }: Pick<Exporter, 'namespace'>): DroppedProbeSamples {
  const probes = new Map<string, Drops>();
  const metrics = {
    dropped: counter({
      name: `${namespace}_probe_dropped_samples_total`,
      help: 'Total number of probe samples dropped as invalid, by reason.',
      labels: ['probe', 'reason'],
      waive: "the prefix is the user's choice",
      alert: {
        name: 'ProbeSamplesDropped',
        when: above(0),
        for: '10m',
        summary: 'Samples of probes are dropped as invalid.',
      },
    }),
  };
  return {
    of(probe) {
      const drops = probes.get(probe) ?? countDrops(false);
      probes.set(probe, drops);
      return drops;
    },
    selfMetrics: selfMetrics(metrics, (write, _facts: undefined) => {
      for (const [probe, { counts }] of probes) {
        for (const [reason, count] of counts) write.dropped.set({ probe, reason }, count);
      }
    }),
  };
}
