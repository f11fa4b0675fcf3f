/** A key, or a pattern of keys, in a database. */
export interface KeyPattern {
  readonly database: number;
  readonly pattern: string;
}

/**
 * Parses `db3=user:*`, or `user:*` for database 0. What follows the first `=` of a database is taken as it is.
 *
 * @throws Error for an empty pattern, or an invalid database.
 */
export function parseKeyPattern(text: string): KeyPattern {
  const [, database = '0', pattern = text] = /^(?:db)?(\d{1,9})=(.*)$/s.exec(text) ?? [];
  if (pattern === '')
    throw new Error(`${JSON.stringify(text)} names no key; write a key or pattern, as in db0=user:*.`);
  return { database: Number(database), pattern };
}

/** Whether SCAN is needed to find the keys that are meant. */
export const isGlob = ({ pattern }: KeyPattern): boolean => /[?*[\]^]/.test(pattern);
