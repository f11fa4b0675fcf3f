const keys = ['ready', 'busy', 'failed', 'handled', 'oldest_seconds'] as const;

/** What the source says. */
export type Status = Readonly<Record<(typeof keys)[number], number>>;

/**
 * Reads lines of a key and a number, such as `ready 12`. Keys that we do not know are left out.
 *
 * @throws Error for a key that is missing or has no number, and for a line that does not end: no number is better than a
 * wrong one.
 */
export function parseStatus(text: string): Status {
  if (!text.endsWith('\n')) throw new Error('its last line does not end');
  const said = new Map(
    text.split('\n').map((line) => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1).trim()]),
  );
  const numbers = keys.map((key) => {
    const value = said.get(key);
    if (value === undefined) throw new Error(`it says nothing about ${JSON.stringify(key)}`);
    if (!/^\d+(\.\d+)?$/.test(value)) throw new Error(`${JSON.stringify(key)} is no number: ${JSON.stringify(value)}`);
    return [key, Number(value)] as const;
  });
  return Object.fromEntries(numbers) as Status;
}
