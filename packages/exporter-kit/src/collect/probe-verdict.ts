import { gauge } from '../metric/declare.ts';
import { type SelfMetrics, selfMetrics } from './scrape/self-metrics.ts';

/** What every probe's answer tells beside what the probe wrote. */
export interface ProbeFacts {
  readonly success: boolean;
  readonly durationMs: number;
}

/** The families of every probe, under blackbox_exporter's names. */
export function probeVerdict(): SelfMetrics<ProbeFacts> {
  return selfMetrics(
    {
      success: gauge({ name: 'probe_success', help: 'Whether the target is as it should be.' }),
      duration: gauge({ name: 'probe_duration_seconds', help: 'Time the probe took.', unit: 'seconds' }),
    },
    (write, { success, durationMs }) => {
      write.success.set(success ? 1 : 0);
      write.duration.set(durationMs / 1000);
    },
  );
}
