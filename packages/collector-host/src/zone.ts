import { resolve } from 'node:path';
import { byRule, type Zone } from './posix-rule.ts';
import type { SideRun } from './side.ts';

/**
 * The time zone that `TZ` or `/etc/localtime` names, from the system's file for it: JavaScript knows most offsets, but not
 * the abbreviation that `date` prints, nor what `:/etc/localtime` is. As in Go, an unknown zone is UTC.
 */
export function localZone(now: Date, zoneinfo: string, run: SideRun): Zone {
  const { TZ } = process.env;
  const name = TZ === undefined ? '/etc/localtime' : TZ.replace(/^:/, '');
  if (name === '') return utc;
  const path = resolve(zoneinfo, name);
  const file = run.bytes('time_zone', path);
  const zone = file && run.attempt('time_zone', path, () => zoneIn(file, now.getTime() / 1000, path));
  const found = zone ?? byJavaScript(now, name);
  if (found !== undefined) return found;
  if (TZ !== undefined && name !== 'UTC') {
    run.attempt('time_zone', path, () => {
      throw new Error(`TZ is ${JSON.stringify(TZ)}, which is not a known time zone; UTC is used.`);
    });
  }
  return utc;
}

const utc: Zone = { abbreviation: 'UTC', offsetSeconds: 0 };

/** `GMT+1`: what is left on a system without time zone files; `undefined` for a zone that JavaScript does not know either. */
function byJavaScript(now: Date, name: string): Zone | undefined {
  const options: Intl.DateTimeFormatOptions = name.startsWith('/') ? {} : { timeZone: name };
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', options).resolvedOptions();
    if (timeZone === undefined || timeZone === 'Etc/Unknown') return undefined;
  } catch {
    return undefined;
  }
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(now);
  const abbreviation = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
  // Never -0, which would be written as it is.
  return { abbreviation, offsetSeconds: 0 - now.getTimezoneOffset() * 60 };
}

const headerSize = 44;

/**
 * Looks a moment up in a TZif file, version 2 or later. Up to the last transition that is listed, the list tells; after it,
 * the rule in the footer. Source: RFC 9636.
 *
 * @throws Error if it is not a time zone file.
 */
export function zoneIn(file: Buffer, unixSeconds: number, path: string): Zone {
  if (file.toString('latin1', 0, 4) !== 'TZif' || file[4]! < 0x32) throw new Error(`${path} is not a time zone file.`);
  // The first block, for 32-bit readers, is there for its length only.
  const block = blockAt(file, blockAt(file, 0, 4).end, 8);
  const last = block.transitions.length - 1;
  const rule = file.toString('latin1', block.end).trim();
  if (rule !== '' && (last < 0 || unixSeconds >= block.transitions[last]!)) return byRule(rule, unixSeconds);
  return block.zone(block.transitions.findLastIndex((at) => at <= unixSeconds));
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
    /** From a transition on; before the first of them type 0 holds. */
    zone(transition: number): Zone {
      const type = typesAt + (transition < 0 ? 0 : file.readUInt8(indicesAt + transition)) * 6;
      const from = charsAt + file.readUInt8(type + 5);
      return {
        abbreviation: file.toString('latin1', from, file.indexOf(0, from)),
        offsetSeconds: file.readInt32BE(type),
      };
    },
  };
}
