import { checkFamilies, type Family, type Sample } from 'exporter-kit/exposition';

/** Families of several files, brought together. */
export interface Merged {
  /** Takes all families of a file. @throws Error when one doesn't fit what other files have brought; then none is taken. */
  add(file: string, families: readonly Family[]): void;
  /** What was taken, one family a name; `writeFamilies` takes each of them. */
  families(): Family[];
}

interface Entry {
  readonly family: Family;
  readonly files: readonly string[];
  readonly series: ReadonlySet<string>;
}

/** @param taken names of families that no file may bring */
export function merged(taken: readonly string[]): Merged {
  const entries = new Map<string, Entry>();
  const owners = new Map<string, string>(); // every name that lines may have → its family
  return {
    add(file, families) {
      const joined = families.map((family) => {
        if (taken.includes(family.name))
          throw new Error(`${file}: ${family.name} is a family of the collector itself.`);
        for (const name of lineNames(family)) {
          const owner = owners.get(name) ?? family.name;
          if (owner !== family.name) throw new Error(`${file}: ${name} belongs to the family ${owner}.`);
        }
        return join(entries.get(family.name), family, file);
      });
      try {
        checkFamilies(joined.map(complete));
      } catch (cause) {
        throw new Error(`${file}: ${(cause as Error).message}`, { cause });
      }
      for (const entry of joined) {
        entries.set(entry.family.name, entry);
        for (const name of lineNames(entry.family)) owners.set(name, entry.family.name);
      }
    },
    families: () => [...entries.values()].map(complete),
  };
}

/** @throws Error when both can't be one family. */
function join(known: Entry | undefined, family: Family, file: string): Entry {
  const series = new Set(family.samples.map(key));
  if (known === undefined) return { family, files: [file], series };
  const { name, kind, help } = family;
  const other = known.files.join(', ');
  if (kind !== known.family.kind)
    throw new Error(`${file}: ${name} is a ${kind}, but in ${other} a ${known.family.kind}.`);
  if (help !== '' && known.family.help !== '' && help !== known.family.help) {
    throw new Error(`${file}: ${name} has a different help text in ${other}.`);
  }
  for (const one of series) if (known.series.has(one)) throw new Error(`${file}: ${one} is in ${other} too.`);
  return {
    family: { ...family, help: known.family.help || help, samples: [...known.family.samples, ...family.samples] },
    files: [...known.files, file],
    series: new Set([...known.series, ...series]),
  };
}

/** An empty label equals a missing one, and order doesn't matter. */
function key({ name, labels }: Sample): string {
  const present = Object.entries(labels).filter(([, value]) => value !== '');
  return `${name}${JSON.stringify(Object.fromEntries(present.sort()))}`;
}

/** A family without help says where it comes from. */
function complete({ family, files }: Entry): Family {
  return { ...family, help: family.help || `Metric read from ${files.join(', ')}` };
}

function lineNames({ name, kind }: Family): string[] {
  const sums = [name, `${name}_sum`, `${name}_count`];
  if (kind === 'histogram') return [...sums, `${name}_bucket`];
  return kind === 'summary' ? sums : [name];
}
