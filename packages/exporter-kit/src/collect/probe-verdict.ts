import { gauge } from '../metric/declare.ts';
import { type SelfMetrics, selfMetrics } from './scrape/self-metrics.ts';

/** Outcome of a probe. */
export interface ProbeFacts {
  readonly success: boolean;
  readonly durationMs: number;
}

/** Families about each probe, under blackbox_exporter's names. */
export function probeVerdict(): SelfMetrics<ProbeFacts> {
  return selfMetrics(
    {
      success: gauge({ name: 'probe_success', help: 'Whether the probe succeeded.' }),
      duration: gauge({ name: 'probe_duration_seconds', help: 'Duration of the probe.', unit: 'seconds' }),
    },
    (write, { success, durationMs }) => {
      write.success.set(success ? 1 : 0);
      write.duration.set(durationMs / 1000);
    },
  );
}
