import { createHash } from 'node:crypto';
import { messageOf } from '../../errors/thrown.ts';
import { parseText } from '../../parse/text.ts';
import { familySnapshot } from '../family-snapshot.ts';
import type { Delivery, Group, Mode } from '../sink.ts';
import { joinColumns, readColumns, writeColumns } from './kept-columns.ts';

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
  /** Lines of JSON; see {@link writeColumns}. */
  readonly body: string;
}

const VERSION = 2;

/** Its body is an exposition in the text format, with names of any character. */
const TEXT_VERSION = 1;

function deliveryOf({ job, grouping, mode, body }: Entry): Delivery {
  return { job, grouping, mode, snapshot: readColumns(body, `job ${job}`) };
}

/**
 * Merges two results of a group: a success replaces the older one, a failure is added to it.
 *
 * @throws Error if their families contradict each other.
 */
export function merged(older: Entry, newer: Entry): Entry {
  const runs = older.runs + newer.runs;
  if (newer.mode === 'replace') return { ...newer, runs };
  const entry = { ...newer, runs, mode: older.mode, body: joinColumns(older.body, newer.body) };
  deliveryOf(entry);
  return entry;
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
export function readHead(file: string): EntryHead & Pick<Header, 'version' | 'sha256'> {
  const end = file.indexOf('\n');
  if (end < 0) throw new Error('the first line is incomplete');
  const head = headerOf(file.slice(0, end));
  const { version } = head;
  if (version === VERSION || version === TEXT_VERSION) return head;
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
  const { sha256: digest, version, ...head } = readHead(file);
  const written = file.slice(file.indexOf('\n') + 1);
  if (sha256(written) !== digest) throw new Error('truncated or modified: its checksum does not match');
  try {
    const entry = { ...head, body: version === TEXT_VERSION ? columnsOfText(written, head.job) : written };
    return { id: entry.id, entry, delivery: deliveryOf(entry) };
  } catch (cause) {
    throw new Error(`invalid exposition: ${messageOf(cause)}`, { cause });
  }
}

/** Lenient: families of a command may lack TYPE lines. */
const columnsOfText = (text: string, job: string): string =>
  writeColumns(familySnapshot(parseText(text, { lenient: true }), `job ${job}`));

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
  if ((version === VERSION || version === TEXT_VERSION) && !(texts && numbers && labels && known)) {
    throw new Error('the first line lacks required fields');
  }
  return header as Header;
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
