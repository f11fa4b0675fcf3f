import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A time zone at a moment: `CET`, 3600. */
export interface Zone {
  readonly abbreviation: string;
  /** East of Greenwich. */
  readonly offsetSeconds: number;
}

/**
 * The time zone of this process. JavaScript knows its offset but calls it `GMT+1`; the abbreviation that `date` prints is in
 * the system's time zone file.
 */
export async function localZone(now: Date, zoneinfo: string, signal: AbortSignal): Promise<Zone> {
  // Never -0, which would be written as it is.
  const offsetSeconds = 0 - now.getTimezoneOffset() * 60;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const file = await readFile(join(zoneinfo, timeZone), { signal }).catch(() => undefined);
  signal.throwIfAborted();
  const fromFile = file && abbreviationIn(file, now.getTime() / 1000, offsetSeconds);
  return { abbreviation: fromFile ?? byJavaScript(now), offsetSeconds };
}

/** `UTC` or `GMT+1`: what is left on a system without time zone files. */
function byJavaScript(now: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(now);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
}

const headerSize = 44;

/**
 * Looks up the abbreviation in a TZif file, version 2 or later; `undefined` where it isn't one. Up to the last transition that
 * is listed, the list tells; after it, the rule in the footer. Source: RFC 9636.
 */
export function abbreviationIn(file: Buffer, unixSeconds: number, offsetSeconds: number): string | undefined {
  if (file.toString('latin1', 0, 4) !== 'TZif' || file[4]! < 0x32) return undefined;
  // The first block, for 32-bit readers, is there for its length only.
  const block = blockAt(file, blockAt(file, 0, 4).end, 8);
  const last = block.transitions.length - 1;
  const rule = file.toString('latin1', block.end).trim();
  if (rule !== '' && (last < 0 || unixSeconds >= block.transitions[last]!)) return byRule(rule, offsetSeconds);
  const index = block.transitions.findLastIndex((at) => at <= unixSeconds);
  return block.abbreviation(index);
}

function blockAt(file: Buffer, start: number, timeSize: 4 | 8) {
  const count = (i: number): number => file.readUInt32BE(start + 20 + i * 4);
  const [utcMarks, standardMarks, leaps, times, types, chars] = [0, 1, 2, 3, 4, 5].map(count) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const timesAt = start + headerSize;
  const indicesAt = timesAt + times * timeSize;
  const typesAt = indicesAt + times;
  const charsAt = typesAt + types * 6;
  const end = charsAt + chars + leaps * (timeSize + 4) + standardMarks + utcMarks;
  return {
    end,
    transitions:
      timeSize === 4 ? [] : Array.from({ length: times }, (_, i) => Number(file.readBigInt64BE(timesAt + i * 8))),
    /** Of a transition; before the first of them type 0 holds. */
    abbreviation(transition: number): string {
      const type = transition < 0 ? 0 : file[indicesAt + transition]!;
      const from = charsAt + file[typesAt + type * 6 + 5]!;
      return file.toString('latin1', from, file.indexOf(0, from));
    },
  };
}

/** `CET-1CEST,M3.5.0,M10.5.0/3`: standard time if the offset is its own, else daylight saving time. */
function byRule(rule: string, offsetSeconds: number): string | undefined {
  const name = '<[^>]+>|[A-Za-z]+';
  const match = new RegExp(`^(${name})([+-]?)(\\d+)(?::(\\d+))?(?::(\\d+))?(${name})?`).exec(rule);
  if (match === null) return undefined;
  const [, standard, sign, hours, minutes = '0', seconds = '0', daylight] = match;
  const west = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  const isStandard = offsetSeconds === (sign === '-' ? west : 0 - west) || daylight === undefined;
  return (isStandard ? standard! : daylight).replace(/[<>]/g, '');
}
