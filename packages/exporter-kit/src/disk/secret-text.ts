/**
 * Why the text of a file can't be a secret as it stands, to be put after the file's name; `undefined` if it can. What an editor
 * puts around a password would be sent with it, and a server only says that it is wrong.
 *
 * @param text decoded as UTF-8.
 */
export function unfitForSecret(text: string): string | undefined {
  if (text.startsWith('\uFEFF')) return `begins with a byte order mark; ${SAVE}`;
  // UTF-16 has a mark that is no UTF-8, or a zero in each Latin character.
  if (text.startsWith('\uFFFD\uFFFD') || text.includes('\0'))
    return `is UTF-16, as Windows PowerShell writes it; ${SAVE}`;
  return text.includes('\uFFFD') ? `is not UTF-8; ${SAVE}` : undefined;
}

const SAVE = 'save it as UTF-8 without a byte order mark';
