import type { Collector } from '../collect/collector.ts';
import { type Logger, silent } from '../collect/context.ts';
import type { Family, LabelRecord, Sample } from '../collect/families.ts';
import { joinParts } from '../collect/scrape/join.ts';
import { runner } from '../collect/scrape/runner.ts';
import { snapshotOf } from '../collect/scrape/snapshot.ts';
import type { StoreSnapshot } from '../collect/store/store.ts';
import { samplesOf } from '../encode/samples.ts';
import { encodeText } from '../encode/text.ts';
import { isError } from '../errors/thrown.ts';

/** Options of {@link scrape}. */
export interface ScrapeOptions {
  /** Passed to the collector's `config.parse()`; default `{}`. */
  readonly config?: unknown;
  /** Deadline of the collector's `signal`; default 5000. */
  readonly timeoutMs?: number;
  readonly log?: Logger;
}

/** What a run wrote. */
export interface Scraped {
  /** The exposition in text 0.0.4, with quoted names where needed. */
  readonly text: string;
  /** By the name in their TYPE line. */
  readonly families: ReadonlyMap<string, Family>;
  /** All samples with this name, in order. */
  series(name: string): readonly Sample[];
  /** The value of the series with exactly these labels; `undefined` if there is none. */
  value(name: string, labels?: LabelRecord): number | undefined;
}

/**
 * Runs a collector once, like a scrape, and returns what it wrote. Mistakes that a scrape would drop and count (a duplicate
 * series, an invalid label) throw here, at the call that made them.
 *
 * @example
 * const { value } = await scrape(queues(fakeBroker));
 * expect(value('queue_depth', { queue: 'a' })).toBe(3);
 * @throws what the collector throws; Error if it exceeds `timeoutMs` or calls `unsupported()`.
 */
export async function scrape(collector: Collector, options: ScrapeOptions = {}): Promise<Scraped> {
  const { config = {}, timeoutMs = 5000, log = silent } = options;
  const live = runner(collector, collector.config?.parse(config), { log, strict: true });
  const outcome = await live.join(performance.now() + timeoutMs).done;
  const { samples, error, reason } = outcome;
  if (samples === undefined) {
    // Only errors are rethrown as they are: a thrown promise could not be caught with `.catch()`.
    throw isError(error) ? error : new Error(`collector ${collector.name}: ${reason}`, { cause: error });
  }
  return readBack(samples, `collector ${collector.name}`);
}

/** Reads what a run wrote, and releases it. @throws TypeError for conflicting families. */
export function readBack(samples: StoreSnapshot, title: string): Scraped {
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
