/** Makes the function that writes a value as YAML in one line, so that it is read back as what it is. */
export async function yamlText(): Promise<(value: unknown) => string> {
  const { stringify } = await import('yaml');

  function write(value: unknown): string {
    if (typeof value === 'string') return isPlain(value) ? value : quoted(value);
    if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(write).join(', ')} ]`;
    if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
    const entries = Object.entries(value).map(([key, one]) => `${write(key)}: ${write(one)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }

  /** Whether a text needs no quotes, on its own and in a list. What is a number, a date or a word of YAML's needs them. */
  function isPlain(text: string): boolean {
    return /^[\w./:<-][\w./:<> -]*$/.test(text) && stringify(text, { lineWidth: 0 }) === `${text}\n`;
  }

  return write;
}

/** As JSON has it, which YAML reads, but with all that is no letter or sign to be seen as its number. */
function quoted(text: string): string {
  const unseen = /[^\P{C}]|[\p{Z}\ufeff]/gu;
  return JSON.stringify(text).replace(unseen, (one) =>
    one === ' '
      ? one
      : [...Array(one.length).keys()].map((i) => `\\u${one.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}
