import type { Spellings } from './names.ts';

/** Replaces every spelling of one name by the same spelling of another. */
export type Rename = (text: string) => string;

/**
 * Makes a rename from one name to another, in all spellings. It looks at the text once, so a new name may hold parts of
 * the old one (`acme-widget-pro`).
 *
 * @param tokens other text to replace on the way, such as a port.
 * @example
 * renamer(spellings('acme-widget'), spellings('queue'))('AcmeWidget'); // 'Queue'
 */
export function renamer(from: Spellings, to: Spellings, tokens: Readonly<Record<string, string>> = {}): Rename {
  const keys = Object.keys(from) as (keyof Spellings)[];
  const pairs = new Map([...keys.map((key): [string, string] => [from[key], to[key]]), ...Object.entries(tokens)]);
  const any = new RegExp([...pairs.keys()].map(escaped).join('|'), 'g');
  return (text) => text.replace(any, (found) => pairs.get(found)!);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
