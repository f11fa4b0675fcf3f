import { createHash } from 'node:crypto';

const MAX_UID = 40;

/**
 * The dashboard's uid.
 *
 * @throws TypeError for one that Grafana does not accept.
 */
export function uidOf(given: string | undefined, program: string): string {
  if (given !== undefined) {
    if (/^[a-zA-Z0-9_-]{1,40}$/.test(given)) return given;
    throw new TypeError(
      `${program}: views.uid ${JSON.stringify(given)} is not a uid; use at most ${MAX_UID} letters, digits, "-" and "_".`,
    );
  }
  const plain = program.replace(/[^a-zA-Z0-9_-]+/g, '-');
  if (plain === program && plain.length <= MAX_UID) return plain;
  return `${plain.slice(0, MAX_UID - 9)}-${digestOf(program).toString('hex').slice(0, 8)}`;
}

/**
 * Numbers for panels and rows, each from its own name, so that a new panel changes no other's. The program's prefix does not
 * count, so that they stay if the program is renamed.
 */
export function idsOf(names: readonly string[], prefix: string): Map<string, number> {
  const own = new RegExp(`(?<![\\p{L}\\p{N}_])${prefix}(?=_|$)`, 'gu');
  const ids = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of names) {
    let id = 1 + (digestOf(name.replace(own, '*')).readUInt32BE() % MOST);
    while (taken.has(id)) id = 1 + (id % MOST);
    taken.add(id);
    ids.set(name, id);
  }
  return ids;
}

/** Short enough to be read in a URL: `viewPanel=48213`. */
const MOST = 999_999;

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
