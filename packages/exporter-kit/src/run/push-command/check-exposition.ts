import { isUtf8 } from 'node:buffer';
import type { Family, Sample } from '../../collect/families.ts';
import { messageOf } from '../../collect/runner.ts';
import type { Snapshot } from '../../collect/snapshot.ts';
import { fail, type Line, linesOf, peek, skipBlanks } from '../../encode/parse-line.ts';
import { parseText } from '../../encode/parse-text.ts';
import { escapeLabel, escapeName } from '../../metric/escape.ts';
import { familySnapshot } from '../../push/family-snapshot.ts';
import type { Group } from '../../push/sink.ts';
import { hintFor } from './exposition-hints.ts';

/** An exposition that can be pushed. */
export interface Checked {
  readonly families: readonly Family[];
  readonly snapshot: Snapshot;
}

/**
 * Checks an exposition as strictly as the strictest receiver would, so that nothing is sent in vain, and by rules that
 * only a Pushgateway has: no times, no labels that the group sets, no families that it writes itself.
 *
 * @param taken names of families that somebody else writes into the group.
 * @throws Error naming the line, what is wrong with it, and where it is known, what to write instead.
 */
export function checkExposition(bytes: Uint8Array, group: Group, taken: ReadonlySet<string> = new Set()): Checked {
  const text = textOf(bytes);
  const lines = [...linesOf(text)];
  try {
    const families = parseText(text);
    // What the parser takes for samples, in its order.
    const samples = lines.filter((line) => {
      skipBlanks(line);
      return peek(line) !== '#' && peek(line) !== '';
    });
    if (samples.length === 0) throw new Error('there are no samples in it; write lines such as: backup_bytes 1024');
    let at = 0;
    for (const sample of families.flatMap((family) => family.samples)) {
      const problem = problemOf(sample, group, taken);
      if (problem !== undefined) fail(samples[at]!, problem);
      at++;
    }
    return { families, snapshot: snapshotOf(families, samples) };
  } catch (error) {
    throw new Error(withHint(messageOf(error), lines), { cause: error });
  }
}

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
  if (timestampMs !== undefined) return 'there is a time after the value, which a Pushgateway refuses; leave it out';
  for (const label of Object.keys(labels)) {
    // As sinks write it.
    const set = escapeLabel(label, 'underscores');
    const flag = set === 'job' ? '--job' : Object.hasOwn(grouping, set) ? '--grouping' : undefined;
    if (flag !== undefined) return `the label ${JSON.stringify(label)} is set by ${flag}; leave it out`;
    if (set.startsWith('__')) return `the label ${JSON.stringify(label)} is reserved, as all that start with "__"`;
  }
  return undefined;
}

/** What can't be written as one exposition again is found by writing more and more of it. */
function snapshotOf(families: readonly Family[], lines: readonly Line[]): Snapshot {
  const write = (some: readonly Family[]): Snapshot => familySnapshot(some, 'the exposition');
  try {
    return write(families);
  } catch (error) {
    const last = firstBad(families.length, (count) => write(families.slice(0, count))) - 1;
    const before = families.slice(0, last);
    const { samples, kind } = families[last]!;
    // The lines of a histogram or summary make sense only together.
    const single = kind !== 'histogram' && kind !== 'summary';
    const sample = single
      ? firstBad(samples.length, (count) =>
          write([...before, { ...families[last]!, samples: samples.slice(0, count) }]),
        )
      : 1;
    const line = before.reduce((sum, family) => sum + family.samples.length, 0) + sample - 1;
    return fail(lines[line]!, messageOf(error).replace(/\.$/, ''));
  }
}

/** The least count for which `attempt` throws; it is known to throw for `most`. */
function firstBad(most: number, attempt: (count: number) => void): number {
  let good = 0;
  let bad = most;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      attempt(middle);
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return bad;
}

/** @throws Error naming the first line that is not UTF-8. */
function textOf(bytes: Uint8Array): string {
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

/** The message with what to write instead, and fit for a terminal. */
function withHint(message: string, lines: readonly Line[]): string {
  const number = /^line (\d+): /.exec(message)?.[1];
  const line = number === undefined ? undefined : lines[Number(number) - 1];
  const hint = line === undefined ? undefined : hintFor(line);
  const shown = message.replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return hint === undefined ? shown : `${shown}; ${hint}`;
}
