/** One line of INFO. */
export type InfoField = readonly [name: string, value: string];

/** The reply to INFO, taken apart. */
export interface Info {
  /** All fields but those of the sections that have one for each command, error or database. */
  readonly fields: ReadonlyMap<string, string>;
  /** A section's fields in their order, by its title in lower case, such as `commandstats`; empty where there is none. */
  section(title: string): readonly InfoField[];
}

/** Sections whose fields are named by what the server has seen. */
const open: ReadonlySet<string> = new Set(['commandstats', 'latencystats', 'errorstats', 'keyspace']);

/** Parses the reply to INFO. Lines that are no field are skipped: modules write what they like. */
export function parseInfo(text: string): Info {
  const fields = new Map<string, string>();
  const sections = new Map<string, string>();
  for (const part of `\n${text}`.split('\n# ')) {
    const newline = part.indexOf('\n');
    const end = newline < 0 ? part.length : newline;
    const title = part.slice(0, end).trim().toLowerCase();
    const body = part.slice(end);
    sections.set(title, (sections.get(title) ?? '') + body);
    if (!open.has(title)) eachField(body, (name, value) => fields.set(name, value));
  }
  return {
    fields,
    section(title) {
      const found: InfoField[] = [];
      eachField(sections.get(title) ?? '', (name, value) => void found.push([name, value]));
      return found;
    },
  };
}

/** Makes no list of lines: INFO has hundreds, and is read at each scrape. */
function eachField(text: string, handle: (name: string, value: string) => void): void {
  let colon = -1;
  for (let at = 0; at < text.length; ) {
    if (colon < at) colon = text.indexOf(':', at);
    if (colon < 0) return;
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const isField = at < colon && colon < end;
    if (isField) handle(text.slice(at, colon), text.slice(colon + 1, text[end - 1] === '\r' ? end - 1 : end));
    at = end + 1;
  }
}
