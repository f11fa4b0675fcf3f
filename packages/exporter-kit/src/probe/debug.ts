import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { encodeToString } from '../encode/encode.ts';
import { text } from '../encode/text.ts';
import type { Dropped } from './dropped-samples.ts';
import { masked } from './mask.ts';
import type { Module } from './modules.ts';
import type { ProbeLine } from './probe-log.ts';
import type { ProbeOutcome } from './run.ts';

/** What a probe's run has left beside its outcome. */
export interface ProbeTraces {
  readonly reason: string | undefined;
  readonly dropped: readonly Dropped[];
  readonly lines: readonly ProbeLine[];
  readonly snapshot: Snapshot;
}

/** What `debug=true` answers: how the probe went, what it said, what it would have answered, and how it is set up. */
export function debugText(
  module: Module,
  { status, durationMs }: ProbeOutcome,
  { reason, dropped, lines, snapshot }: ProbeTraces,
): string {
  const log = lines.map((line) => `${line.atMs.toFixed(1).padStart(9)} ms ${line.level.padEnd(5)} ${line.text}\n`);
  const lost = dropped.map((one) => `${String(one.count).padStart(9)} ${one.reason}; the first: ${one.first}\n`);
  return `Probe by module ${module.name}: ${status}${reason === undefined ? '' : `, ${reason}`}, ${durationMs.toFixed(1)} ms

Log:
${log.join('')}
${lost.length === 0 ? '' : `Dropped samples:\n${lost.join('')}\n`}Metrics:
${encodeToString(snapshot, text)}
Module:
${JSON.stringify({ [module.name]: masked(module.written, module.secrets) }, undefined, 2)}
`;
}
