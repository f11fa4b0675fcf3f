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
  // Tokens first: one may be longer than a name and start with it.
  const pairs = new Map([...Object.entries(tokens), ...keys.map((key): [string, string] => [from[key], to[key]])]);
  const any = new RegExp([...pairs.keys()].map(escaped).join('|'), 'g');
  return (text) => text.replace(any, (found) => pairs.get(found)!);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
