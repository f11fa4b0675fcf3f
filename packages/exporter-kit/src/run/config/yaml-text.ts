/** Returns a function that writes a value as one line of YAML, from which the same value is read. */
export async function yamlText(): Promise<(value: unknown) => string> {
  const { stringify } = await import('yaml');

  function write(value: unknown): string {
    if (typeof value === 'string') return isPlain(value) ? value : quoted(value);
    if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${value.map(write).join(', ')} ]`;
    if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
    const entries = Object.entries(value).map(([key, one]) => `${write(key)}: ${write(one)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }

  /** Whether a string needs no quotes, alone and in a list; numbers, dates and YAML's own words do. */
  function isPlain(text: string): boolean {
    return /^[\w./:<-][\w./:<> -]*$/.test(text) && stringify(text, { lineWidth: 0 }) === `${text}\n`;
  }

  return write;
}

/** As JSON, which is YAML, with invisible characters escaped. */
function quoted(text: string): string {
  const unseen = /[^\P{C}]|[\p{Z}\ufeff]/gu;
  return JSON.stringify(text).replace(unseen, (one) =>
    one === ' '
      ? one
      : [...Array(one.length).keys()].map((i) => `\\u${one.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}
