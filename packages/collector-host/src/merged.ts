import type { Family, Sample } from 'exporter-kit';

/** Families of several files, brought together. */
export interface Merged {
  /** Takes all families of a file. @throws Error when one doesn't fit what other files have brought; then none is taken. */
  add(file: string, families: readonly Family[]): void;
  /** What was taken: one family a name, with the same labels on all its samples ('' where a sample has none). */
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
  return {
    add(file, families) {
      const joined = families.map((family) => {
        if (taken.includes(family.name)) throw new Error(`${file}: ${family.name} is written by the collector itself.`);
        return join(entries.get(family.name), family, file);
      });
      for (const entry of joined) entries.set(entry.family.name, entry);
    },
    families: () => [...entries.values()].map(({ family, files }) => complete(family, files)),
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
    throw new Error(`${file}: ${name} has another help than in ${other}.`);
  }
  for (const one of series) if (known.series.has(one)) throw new Error(`${file}: ${one} is in ${other} too.`);
  return {
    family: { ...family, help: known.family.help || help, samples: [...known.family.samples, ...family.samples] },
    files: [...known.files, file],
    series: new Set([...known.series, ...series]),
  };
}

/** A label that is '' is no label, and order doesn't matter. */
function key({ name, labels }: Sample): string {
  const present = Object.entries(labels).filter(([, value]) => value !== '');
  return `${name}${JSON.stringify(Object.fromEntries(present.sort()))}`;
}

/** Gives every sample all labels of its family, and a family without help one that says where it comes from. */
function complete(family: Family, files: readonly string[]): Family {
  // `le` and `quantile` tell the lines of one series apart; the other labels belong to all of them.
  const names = family.samples.flatMap(({ labels }) =>
    Object.keys(labels).filter((n) => n !== 'le' && n !== 'quantile'),
  );
  const none = Object.fromEntries(names.map((name) => [name, '']));
  const samples = family.samples.map((sample) => ({ ...sample, labels: { ...none, ...sample.labels } }));
  return { ...family, samples, help: family.help || `Metric read from ${files.join(', ')}` };
}
