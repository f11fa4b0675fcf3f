import { probeVerdict } from '../collect/scrape/self-metrics.ts';
import {
  countingPart,
  familiesOf,
  joinParts,
  type Snapshot,
  snapshotOf,
  snapshotOfParts,
} from '../collect/scrape/snapshot.ts';
import { type Dropped, droppedOf } from './dropped-samples.ts';
import type { ProbeOutcome } from './run.ts';

/** The result of a probe, by whatever prober. */
export interface ProbeResult {
  /** `refused`: the target may not be probed, and nothing was sent. */
  readonly status: 'ok' | 'failed' | 'timeout' | 'refused';
  readonly durationMs: number;
  /** Set unless `ok`. */
  readonly reason?: string;
  /** Release it. */
  readonly snapshot: Snapshot;
  readonly dropped: readonly Dropped[];
  /** Resolves when the probe has ended: later than the result if it ignores its signal. */
  readonly over: Promise<unknown>;
}

/** Adds `probe_success` and `probe_duration_seconds` to what probers have found. */
export interface ProbeVerdict {
  /** @param mask removes secrets from a text. */
  ofProbe(outcome: ProbeOutcome, mask: (text: string) => string): ProbeResult;
  ofSource(found: Omit<ProbeResult, 'dropped' | 'over'>): ProbeResult;
}

export function probeVerdictWriter(): ProbeVerdict {
  const verdict = probeVerdict();
  const write = ({ status, durationMs }: Pick<ProbeResult, 'status' | 'durationMs'>) =>
    verdict.write({ success: status === 'ok', durationMs });
  return {
    ofProbe({ status, durationMs, reason, samples, drops, over }, mask) {
      const own = write({ status, durationMs });
      const parts = [own, samples].map(({ columns }) => countingPart('the probe', columns, drops));
      const snapshot = snapshotOfParts(parts, () => {
        own.release();
        samples.release();
      });
      const told = reason === undefined ? {} : { reason: mask(reason) };
      return { status, durationMs, ...told, snapshot, dropped: droppedOf(drops, mask), over };
    },
    ofSource({ snapshot, ...found }) {
      const own = write(found);
      const families = [...joinParts([{ title: '', columns: own.columns, conflict() {} }]), ...familiesOf(snapshot)];
      const whole = snapshotOf(families, () => {
        own.release();
        snapshot.release();
      });
      return { ...found, snapshot: whole, dropped: [], over: Promise.resolve() };
    },
  };
}
