import { Buffer, isUtf8 } from 'node:buffer';
import type { Family, Sample } from '../collect/families.ts';
import type { Snapshot } from '../collect/scrape/snapshot.ts';
import { messageOf } from '../errors/thrown.ts';
import { escapeLabel, escapeName } from '../metric/escape.ts';
import { fail, type Line, splitLines } from '../parse/line.ts';
import { readText } from '../parse/text.ts';
import { familySnapshot } from '../push/family-snapshot.ts';
import type { Group } from '../push/sink.ts';
import { hintFor } from './exposition-hints.ts';

/** An exposition that can be pushed. */
export interface Checked {
  readonly families: readonly Family[];
  readonly snapshot: Snapshot;
}

/**
 * Checks an exposition by what all receivers accept, and by the rules of a Pushgateway: no timestamps, no labels that the
 * group sets, no families that it writes itself.
 *
 * @param taken names of families that are written into the group anyway.
 * @throws Error naming the line, what is wrong with it, and, if known, what to write instead.
 */
export function checkExposition(bytes: Uint8Array, group: Group, taken: ReadonlySet<string> = new Set()): Checked {
  const text = decodedUtf8(bytes);
  const lines = [...splitLines(text)];
  try {
    const places = new Map<Sample, Line>();
    const families = readText(text, { lenient: true, sample: (line, sample) => places.set(sample, line) });
    if (families.length > MOST_FAMILIES)
      throw new Error(`there are more than ${MOST_FAMILIES} metric names; push less at once`);
    if (places.size === 0) throw new Error('no samples; write lines such as: backup_bytes 1024');
    for (const [sample, line] of places) {
      const problem = problemOf(sample, group, taken);
      if (problem !== undefined) fail(line, problem);
    }
    for (const { samples } of families) checkLabels(samples, places);
    return { families, snapshot: snapshotOf(families, places) };
  } catch (error) {
    throw new Error(withHint(messageOf(error), lines), { cause: error });
  }
}

/** Whether any line is neither blank nor a comment. */
export function hasSamples(bytes: Uint8Array): boolean {
  return /^[ \t]*[^# \t\n]/m.test(Buffer.from(bytes).toString('latin1'));
}

/** A family costs more than a series, and no job has so many. */
const MOST_FAMILIES = 5000;

/** Names that a Pushgateway writes for each group. Source: its README, "About metric inconsistencies". */
const gatewayOwn = new Set(['push_time_seconds', 'push_failure_time_seconds']);

function problemOf(
  { name, labels, timestampMs }: Sample,
  { grouping }: Group,
  taken: ReadonlySet<string>,
): string | undefined {
  const written = escapeName(name, 'underscores');
  if (gatewayOwn.has(written)) return `${name} is written by the Pushgateway itself; leave it out`;
  if (taken.has(written)) return `${name} is written by exporter-push itself; leave it out`;
  if (timestampMs !== undefined) return 'there is a timestamp, which a Pushgateway rejects; leave it out';
  for (const label of Object.keys(labels)) {
    // As sinks write it.
    const set = escapeLabel(label, 'underscores');
    const flag = set === 'job' ? '--job' : Object.hasOwn(grouping, set) ? '--grouping' : undefined;
    if (flag !== undefined) return `the label ${JSON.stringify(label)} is set by ${flag}; leave it out`;
    if (set.startsWith('__'))
      return `the label ${JSON.stringify(label)} is reserved, like all names that start with "__"`;
  }
  return undefined;
}

/** @throws Error naming the first line of a family with a label that sinks would write like another one. */
function checkLabels(samples: readonly Sample[], places: ReadonlyMap<Sample, Line>): void {
  const known = new Map<string, string>();
  for (const sample of samples) {
    for (const label of Object.keys(sample.labels)) {
      const written = escapeLabel(label, 'underscores');
      const other = known.get(written) ?? label;
      if (other !== label) {
        fail(
          places.get(sample)!,
          `the labels "${other}" and "${label}" would both be written as "${written}"; rename one`,
        );
      }
      known.set(written, label);
    }
  }
}

/** @throws Error naming the line of what can't be written as one exposition again. */
function snapshotOf(families: readonly Family[], places: ReadonlyMap<Sample, Line>): Snapshot {
  let current: Sample | undefined;
  try {
    return familySnapshot(families, TITLE, (sample) => {
      current = sample;
    });
  } catch (error) {
    const problem = messageOf(error)
      .replace(/\.$/, '')
      .replace(`${TITLE}: `, '')
      .replace('it is left out', 'rename one');
    return fail(places.get(current!)!, problem);
  }
}

const TITLE = 'the exposition';

/** @throws Error naming the first line that is not UTF-8. */
function decodedUtf8(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let from = 0;
  for (let number = 1; ; number++) {
    const end = bytes.indexOf(0x0a, from);
    const line = bytes.subarray(from, end < 0 ? undefined : end);
    if (!isUtf8(line)) {
      throw new Error(`line ${number}: it is not UTF-8 text; an exposition is text, such as: backup_bytes 1024`);
    }
    // No line is longer than the whole, which has one that is not.
    from = end + 1;
  }
}

/** The message with a hint, and without control characters. */
function withHint(message: string, lines: readonly Line[]): string {
  const number = /^line (\d+): /.exec(message)?.[1];
  const line = number === undefined ? undefined : lines[Number(number) - 1];
  const hint = line === undefined ? undefined : hintFor(line);
  const shown = message.replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return hint === undefined ? shown : `${shown}; ${hint}`;
}

/** Enough for some 100,000 series; with more in one group, a Pushgateway has other problems. */
const MOST_BYTES = 8 * 2 ** 20;

/**
 * Reads a stream to its end.
 *
 * @throws Error above `most` bytes; the rest is left unread.
 */
export async function readBounded(stream: AsyncIterable<Buffer>, most: number = MOST_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > most) throw new Error(`there are more than ${most / 2 ** 20} MiB; push less at once`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
