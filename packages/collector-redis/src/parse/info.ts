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
  const sections = new Map<string, InfoField[]>();
  let section: InfoField[] = [];
  let title = '';
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('# ')) {
      title = line.slice(2).trim().toLowerCase();
      section = sections.get(title) ?? [];
      sections.set(title, section);
      continue;
    }
    const at = line.indexOf(':');
    if (at <= 0) continue;
    const [name, value] = [line.slice(0, at), line.slice(at + 1)];
    section.push([name, value]);
    if (!open.has(title)) fields.set(name, value);
  }
  return { fields, section: (wanted) => sections.get(wanted) ?? [] };
}
