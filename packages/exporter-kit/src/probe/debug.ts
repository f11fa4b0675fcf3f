import { encodeToString, text } from '../encode/encode.ts';
import { maskedSettings } from './mask.ts';
import type { ProbeFinding } from './route.ts';

/** The response to `debug=true`: outcome, log, dropped samples, metrics and module settings. */
export function debugText({ module, outcome, durationMs, reason, dropped, lines, snapshot }: ProbeFinding): string {
  const log = lines.map((line) => `${line.atMs.toFixed(1).padStart(9)} ms ${line.level.padEnd(5)} ${line.text}\n`);
  const lost = dropped.map((one) => `${String(one.count).padStart(9)} ${one.reason}; first: ${one.first}\n`);
  return `Probe by module ${module.name}: ${outcome}${reason === undefined ? '' : `, ${reason}`}, ${durationMs.toFixed(1)} ms

Log:
${log.join('')}
${lost.length === 0 ? '' : `Dropped samples:\n${lost.join('')}\n`}Metrics:
${encodeToString(snapshot, text)}
Module:
${JSON.stringify({ [module.name]: maskedSettings(module.written, module.secrets) }, undefined, 2)}
`;
}
