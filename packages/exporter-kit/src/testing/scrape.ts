import type { Collector } from '../collect/collector.ts';
import { type Logger, silent } from '../collect/context.ts';
import type { Family, LabelRecord, Sample } from '../collect/families.ts';
import { runner } from '../collect/runner.ts';
import { joinParts, snapshotOf } from '../collect/snapshot.ts';
import { encodeToString } from '../encode/encode.ts';
import { parseText } from '../encode/parse-text.ts';
import { texts } from '../encode/text.ts';

/** What a collector answered, read back from its exposition. */
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

/** How {@link scrape} runs a collector. */
export interface ScrapeOptions {
  /** Given to the collector's `config.parse()`; default `{}`. */
  readonly config?: unknown;
  /** When `signal` aborts; default 5000. */
  readonly timeoutMs?: number;
  readonly log?: Logger;
}

/**
 * Runs a collector once, as a scrape would, and reads back what it wrote. What a scrape would drop and count (a series
 * twice, a wrong label) throws here, at the call that wrote it.
 *
 * @example
 * const { value } = await scrape(queues(fakeBroker));
 * expect(value('queue_depth', { queue: 'a' })).toBe(3);
 * @throws what the collector throws; Error when it overruns `timeoutMs` or ends with `unsupported()`, named so.
 */
export async function scrape(collector: Collector, options: ScrapeOptions = {}): Promise<Scraped> {
  const { config = {}, timeoutMs = 5000, log = silent } = options;
  const live = runner(collector, collector.config?.parse(config), { log, strict: true });
  const outcome = await live.join(performance.now() + timeoutMs).done;
  if (outcome.samples === undefined) throw outcome.error ?? new Error(`collector ${collector.name}: ${outcome.reason}`);
  const families = joinParts([
    {
      title: `collector ${collector.name}`,
      columns: outcome.samples.columns,
      conflict(_series, detail) {
        throw new TypeError(detail);
      },
    },
  ]);
  const text = encodeToString(snapshotOf(families), texts['allow-utf-8']);
  outcome.samples.release();
  const parsed = parseText(text);
  const series = (name: string): readonly Sample[] => parsed.flatMap((f) => f.samples.filter((s) => s.name === name));
  return {
    text,
    families: new Map(parsed.map((family) => [family.name, family])),
    series,
    value: (name, labels = {}) => series(name).find((sample) => sameLabels(sample.labels, labels))?.value,
  };
}

function sameLabels(have: Sample['labels'], want: LabelRecord): boolean {
  const names = Object.keys(want);
  return names.length === Object.keys(have).length && names.every((name) => have[name] === String(want[name]));
}
