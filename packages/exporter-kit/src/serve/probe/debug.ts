import type { ProbeOutcome } from '../../collect/probe-run.ts';
import type { Snapshot } from '../../collect/snapshot.ts';
import { encodeToString } from '../../encode/encode.ts';
import { text } from '../../encode/text.ts';
import { masked } from './mask.ts';
import type { Module } from './modules.ts';
import type { ProbeLine } from './probe-log.ts';

/** What `debug=true` answers: how the probe went, what it said, what it would have answered, and how it is set up. */
export function debugText(
  module: Module,
  { status, durationMs }: ProbeOutcome,
  reason: string | undefined,
  lines: readonly ProbeLine[],
  snapshot: Snapshot,
): string {
  const log = lines.map((line) => `${line.atMs.toFixed(1).padStart(9)} ms ${line.level.padEnd(5)} ${line.text}\n`);
  return `Probe by module ${module.name}: ${status}${reason === undefined ? '' : `, ${reason}`}, ${durationMs.toFixed(1)} ms

Log:
${log.join('')}
Metrics:
${encodeToString(snapshot, text)}
Module:
${JSON.stringify({ [module.name]: masked(module.written, module.secrets) }, undefined, 2)}
`;
}
