/** What has come of a client's commands. */
export interface Commands {
  /** The bytes of each complete one. */
  readonly commands: readonly Buffer[];
  /** The beginning of another. */
  readonly left: Buffer;
}

/**
 * Splits what a client has sent into commands, each an array of strings as all drivers send them.
 *
 * @throws Error if it is anything else
 */
export function commandsIn(bytes: Buffer): Commands {
  const commands: Buffer[] = [];
  let from = 0;
  for (;;) {
    const end = endOfCommand(bytes, from);
    if (end === undefined) return { commands, left: bytes.subarray(from) };
    commands.push(bytes.subarray(from, end));
    from = end;
  }
}

function endOfCommand(bytes: Buffer, from: number): number | undefined {
  let words = headAt(bytes, from, '*');
  while (words !== undefined && words.size > 0) {
    const word = headAt(bytes, words.end, '$');
    words = word && { size: words.size - 1, end: word.end + word.size + 2 };
  }
  return words === undefined || words.end > bytes.length ? undefined : words.end;
}

/** A line such as `*3` or `$12`; `undefined` if it is not complete. */
function headAt(bytes: Buffer, from: number, sign: string): { size: number; end: number } | undefined {
  const end = bytes.indexOf('\r\n', from);
  if (end === -1) return undefined;
  const line = bytes.toString('latin1', from, end);
  if (!new RegExp(`^\\${sign}\\d+$`).test(line)) throw new Error(`not a command: ${JSON.stringify(line)}`);
  return { size: Number(line.slice(1)), end: end + 2 };
}
