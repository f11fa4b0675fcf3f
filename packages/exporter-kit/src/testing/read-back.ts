import type { Family, LabelRecord, Sample } from '../collect/families.ts';
import { joinParts } from '../collect/scrape/join.ts';
import { snapshotOf } from '../collect/scrape/snapshot.ts';
import type { Frozen } from '../collect/store/store.ts';
import { samplesOf } from '../encode/samples.ts';
import { encodeText } from '../encode/text.ts';

/** What was written. */
export interface Scraped {
  /** The exposition, text 0.0.4; names outside the legacy syntax are in quotes, as declared. */
  readonly text: string;
  /** By name as TYPE lines have it. */
  readonly families: ReadonlyMap<string, Family>;
  /** All samples written under a name, in order. */
  series(name: string): readonly Sample[];
  /** The value of one series; labels must match all of its labels. `undefined` when there is none. */
  value(name: string, labels?: LabelRecord): number | undefined;
}

/** Reads what a run wrote, and releases it. A conflict throws. */
export function readBack(samples: Frozen, title: string): Scraped {
  const joined = joinParts([
    {
      title,
      columns: samples.columns,
      conflict(_series, detail) {
        throw new TypeError(detail);
      },
    },
  ]);
  const snapshot = snapshotOf(joined);
  const text = encodeText(snapshot, { escaping: 'allow-utf-8' });
  const families = Array.from(samplesOf(snapshot), (family): Family => ({ ...family, samples: [...family.samples] }));
  samples.release();
  const series = (name: string): readonly Sample[] => families.flatMap((f) => f.samples.filter((s) => s.name === name));
  return {
    text,
    families: new Map(families.map((family) => [family.name, family])),
    series,
    value: (name, labels = {}) => series(name).find((sample) => sameLabels(sample.labels, labels))?.value,
  };
}

function sameLabels(have: Sample['labels'], want: LabelRecord): boolean {
  const names = Object.keys(want);
  return names.length === Object.keys(have).length && names.every((name) => have[name] === String(want[name]));
}
