import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { encodeToString, text } from '../encode/encode.ts';
import type { Dropped } from './dropped-samples.ts';
import { maskedSettings } from './mask.ts';
import type { Module } from './modules.ts';
import type { ProbeLine } from './probe-log.ts';
import type { ProbeResult } from './probe-result.ts';

/** Details of a probe run for the debug response. */
export interface ProbeTraces {
  readonly reason: string | undefined;
  readonly dropped: readonly Dropped[];
  readonly lines: readonly ProbeLine[];
  readonly snapshot: Snapshot;
}

/** The response to `debug=true`: outcome, log, dropped samples, metrics and module settings. */
export function debugText(
  module: Module,
  { status, durationMs }: Pick<ProbeResult, 'status' | 'durationMs'>,
  { reason, dropped, lines, snapshot }: ProbeTraces,
): string {
  const log = lines.map((line) => `${line.atMs.toFixed(1).padStart(9)} ms ${line.level.padEnd(5)} ${line.text}\n`);
  const lost = dropped.map((one) => `${String(one.count).padStart(9)} ${one.reason}; first: ${one.first}\n`);
  return `Probe by module ${module.name}: ${status}${reason === undefined ? '' : `, ${reason}`}, ${durationMs.toFixed(1)} ms

Log:
${log.join('')}
${lost.length === 0 ? '' : `Dropped samples:\n${lost.join('')}\n`}Metrics:
${encodeToString(snapshot, text)}
Module:
${JSON.stringify({ [module.name]: maskedSettings(module.written, module.secrets) }, undefined, 2)}
`;
}
