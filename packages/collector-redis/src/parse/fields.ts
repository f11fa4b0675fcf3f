/** Parses `keys=5,expires=1`; parts without `=` are skipped. */
export function parseFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    if (at > 0) fields.set(part.slice(0, at), part.slice(at + 1));
  }
  return fields;
}

/** The number a text is, also `inf`; `undefined` for any other text. */
export function parseNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  // An empty text is 0 to JavaScript.
  if (!Number.isNaN(value)) return value === 0 && text.trim() === '' ? undefined : value;
  if (text === 'nan') return value;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinite === null) return undefined;
  return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
