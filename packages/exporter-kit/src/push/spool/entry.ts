import { createHash } from 'node:crypto';
import type { Family } from '../../collect/families.ts';
import { encodeToString, texts } from '../../encode/encode.ts';
import { messageOf } from '../../errors/thrown.ts';
import { parseText } from '../../parse/text.ts';
import { familySnapshot } from '../family-snapshot.ts';
import type { Delivery, Group, Mode } from '../sink.ts';

/** An undelivered result of one group, for one sink. */
export interface Entry extends Group {
  /** New for each write. */
  readonly id: string;
  readonly sink: string;
  readonly mode: Mode;
  /** When its last run ended, in milliseconds since the epoch. */
  readonly settledMs: number;
  /** Number of runs whose results it holds. */
  readonly runs: number;
  /** An exposition in the text format, with names of any character. */
  readonly body: string;
}

const VERSION = 1;

/** Lenient: families of a command may lack TYPE lines. */
const read = (body: string): Family[] => parseText(body, { lenient: true });

function deliveryOf({ job, grouping, mode, body }: Entry): Delivery {
  return { job, grouping, mode, snapshot: familySnapshot(read(body), `job ${job}`) };
}

/** Merges two results of a group: a success replaces the older one, a failure is added to it. */
export function merged(older: Entry, newer: Entry): Entry {
  const runs = older.runs + newer.runs;
  if (newer.mode === 'replace') return { ...newer, runs };
  const added = read(newer.body);
  const names = new Set(added.map(({ name }) => name));
  const kept: Family[] = read(older.body).filter(({ name }) => !names.has(name));
  const whole = familySnapshot([...kept, ...added], `job ${newer.job}`);
  return { ...newer, runs, mode: older.mode, body: encodeToString(whole, texts['allow-utf-8']) };
}

/** The file's content: a line of JSON about the result, then the result. */
export function writeEntry({ body, ...about }: Entry): string {
  return `${JSON.stringify({ version: VERSION, ...about, sha256: sha256(body) })}\n${body}`;
}

/** The file was written by a newer version of the kit. */
export class NewerVersion extends Error {}

/** An entry without its result. */
export type EntryHead = Omit<Entry, 'body'>;

/**
 * Reads the first line of an entry.
 *
 * @throws NewerVersion; Error for a damaged file.
 */
export function readHead(file: string): EntryHead & { readonly sha256: string } {
  const end = file.indexOf('\n');
  if (end < 0) throw new Error('the first line is incomplete');
  const { version, ...head } = headerOf(file.slice(0, end));
  if (version === VERSION) return head;
  throw new NewerVersion(`format version ${version}; this program supports ${VERSION}`);
}

/** An entry as read, and its delivery. */
export interface LoadedEntry {
  readonly id: string;
  readonly entry: Entry;
  readonly delivery: Delivery;
}

/**
 * Reads an entry.
 *
 * @throws NewerVersion; Error for a damaged file.
 */
export function readEntry(file: string): LoadedEntry {
  const { sha256: digest, ...head } = readHead(file);
  const body = file.slice(file.indexOf('\n') + 1);
  if (sha256(body) !== digest) throw new Error('truncated or modified: its checksum does not match');
  const entry = { ...head, body };
  try {
    return { id: entry.id, entry, delivery: deliveryOf(entry) };
  } catch (cause) {
    throw new Error(`invalid exposition: ${messageOf(cause)}`, { cause });
  }
}

interface Header extends EntryHead {
  readonly version: number;
  readonly sha256: string;
}

function headerOf(line: string): Header {
  let header: Partial<Header> | null;
  try {
    header = JSON.parse(line);
  } catch (cause) {
    throw new Error('the first line is not JSON', { cause });
  }
  if (!Number.isInteger(header?.version)) throw new Error('the first line has no version');
  const { version, id, sink, job, grouping, mode, settledMs, runs } = header as Header;
  const texts = [id, sink, job].every((text) => typeof text === 'string');
  const numbers = [settledMs, runs].every(Number.isFinite);
  const labels = isRecord(grouping) && Object.values(grouping).every((v) => typeof v === 'string');
  const known = mode === 'replace' || mode === 'add';
  if (version === VERSION && !(texts && numbers && labels && known)) {
    throw new Error('the first line lacks required fields');
  }
  return header as Header;
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
