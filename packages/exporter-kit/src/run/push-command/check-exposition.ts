import { isUtf8 } from 'node:buffer';
import type { Family, Sample } from '../../collect/families.ts';
import type { Snapshot } from '../../collect/snapshot.ts';
import { fail, type Line, linesOf, peek, skipBlanks } from '../../encode/parse-line.ts';
import { parseText } from '../../encode/parse-text.ts';
import { escapeLabel, escapeName } from '../../metric/escape.ts';
import { familySnapshot } from '../../push/family-snapshot.ts';
import type { Group } from '../../push/sink.ts';
import { messageOf } from '../../thrown.ts';
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
    if (families.length > MOST_FAMILIES)
      throw new Error(`there are more than ${MOST_FAMILIES} metric names; push less at once`);
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

/** Names take more than series do, and nobody has so many. */
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

/** @throws Error naming the line of what can't be written as one exposition again. */
function snapshotOf(families: readonly Family[], lines: readonly Line[]): Snapshot {
  try {
    return write(families);
  } catch (error) {
    const problem = messageOf(error)
      .replace(/\.$/, '')
      .replace(`${TITLE}: `, '')
      .replace('it is left out', 'rename one');
    return fail(lines[firstBad(families)]!, problem);
  }
}

const TITLE = 'the exposition';
const write = (families: readonly Family[]): Snapshot => familySnapshot(families, TITLE);

function fails(families: readonly Family[]): boolean {
  try {
    write(families);
    return false;
  } catch {
    return true;
  }
}

/** Which of all samples is at fault, counted from 0, as far as can be told. */
function firstBad(families: readonly Family[]): number {
  const bad = least(families.length, (count) => fails(families.slice(0, count))) - 1;
  const before = families.slice(0, bad).reduce((sum, { samples }) => sum + samples.length, 0);
  // If it fails alone; else it is at odds with one before it.
  return fails([families[bad]!]) ? before + firstBadOf(families[bad]!) : before;
}

function firstBadOf(family: Family): number {
  const { samples, kind } = family;
  // The lines of a histogram or summary make sense only together.
  if (kind === 'histogram' || kind === 'summary') return 0;
  // A declaration is made of all labels there are, so those samples tell that add one.
  const seen = new Set<string>();
  const telling: Sample[] = [];
  for (const [i, sample] of samples.entries()) {
    const names = Object.keys(sample.labels);
    if (i > 0 && names.every((name) => seen.has(name))) continue;
    for (const name of names) seen.add(name);
    telling.push(sample);
    if (fails([{ ...family, samples: telling }])) return i;
  }
  return least(samples.length, (count, from) => fails([{ ...family, samples: samples.slice(from, count) }])) - 1;
}

/**
 * The least count of which `isBad` is true, as it is of `most`.
 *
 * @param isBad is given a count that is known to be good, too.
 */
function least(most: number, isBad: (count: number, good: number) => boolean): number {
  let good = 0;
  let bad = most;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBad(middle, good)) bad = middle;
    else good = middle;
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
