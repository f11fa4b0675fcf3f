import type { Exporter } from '../collect/exporter.ts';
import { type About, about } from '../collect/scrape/self-metrics.ts';
import { countDrops, type Drops } from '../collect/store/drops.ts';
import { counter } from '../metric/declare.ts';

/** What the runs of an exporter's probes have dropped since the start. */
export interface ProbeDrops {
  /** Counted here what each run of the probe drops. */
  of(probe: string): Drops;
  /** The same as a family, beside what collectors have dropped. */
  readonly about: About<undefined>;
}

/** Starts counting. */
export function countProbeDrops({ namespace }: Pick<Exporter, 'namespace'>): ProbeDrops {
  const probes = new Map<string, Drops>();
  const metrics = {
    dropped: counter({
      name: `${namespace}_probe_dropped_samples_total`,
      help: "Samples of probes' answers that could not be written, by reason, since the start.",
      labels: ['probe', 'reason'],
      waive: "the prefix is the user's choice",
    }),
  };
  return {
    of(probe) {
      const drops = probes.get(probe) ?? countDrops(false);
      probes.set(probe, drops);
      return drops;
    },
    about: about(metrics, (write, _facts: undefined) => {
      for (const [probe, { counts }] of probes) {
        for (const [reason, count] of counts) write.dropped.set({ probe, reason }, count);
      }
    }),
  };
}
