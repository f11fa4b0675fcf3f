const keys = ['ready', 'busy', 'failed', 'handled', 'oldest_seconds'] as const;

/** The source's status. */
export type Status = Readonly<Record<(typeof keys)[number], number>>;

/**
 * Reads lines of a key and a number, such as `ready 12`. Unknown keys are ignored.
 *
 * @throws Error for a missing key, an invalid number, or an unfinished last line: no value is better than a wrong one.
 */
export function parseStatus(text: string): Status {
  if (!text.endsWith('\n')) throw new Error('the last line is incomplete');
  const said = new Map(
    text.split('\n').map((line) => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1).trim()]),
  );
  const numbers = keys.map((key) => {
    const value = said.get(key);
    if (value === undefined) throw new Error(`${JSON.stringify(key)} is missing`);
    if (!/^\d+(\.\d+)?$/.test(value))
      throw new Error(`${JSON.stringify(key)} is not a number: ${JSON.stringify(value)}`);
    return [key, Number(value)] as const;
  });
  return Object.fromEntries(numbers) as Status;
}
