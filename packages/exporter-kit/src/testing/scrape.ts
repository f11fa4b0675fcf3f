import type { Collector, SourceCollector } from '../collect/collector.ts';
import { silent } from '../collect/context.ts';
import type { Family, LabelRecord, Sample } from '../collect/families.ts';
import type { Found } from '../collect/scrape/join-when-up.ts';
import { runner } from '../collect/scrape/runner.ts';
import { joinParts, snapshotOf } from '../collect/scrape/snapshot.ts';
import { upMetrics } from '../collect/scrape/source-metrics.ts';
import type { Source } from '../collect/source/source.ts';
import type { StoreSnapshot } from '../collect/store/store.ts';
import { encodeText } from '../encode/encode.ts';
import { samplesOf } from '../encode/samples.ts';
import { isError } from '../errors/thrown.ts';
import { askTarget, type ScrapeOptions, type SourceScrapeOptions } from './ask-target.ts';
import { nativeLines } from './native-lines.ts';

/** What a run wrote. */
export interface Scraped {
  /** The exposition in text 0.0.4, with quoted names where needed. */
  readonly text: string;
  /**
   * The same with each native histogram as a comment at the end, such as
   * `# native wait_seconds{queue="a"} count 3, sum 2.5, schema 3, zero 0 (up to 2.9e-39), positive -13:2 0:1`, for golden files.
   */
  readonly textWithNatives: string;
  /** By the name in their TYPE line. A native histogram is a sample with `native`, before the classic ones. */
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
 * The target of a collector's source is opened for it and closed again; or give a fake `client`, or a `reading`. Of a source
 * alone, the result has what the kit writes about it, such as `up`.
 *
 * @example
 * const { value } = await scrape(queues(fakeBroker));
 * expect(value('queue_depth', { queue: 'a' })).toBe(3);
 * @example
 * (await scrape(info, { reading: parseInfo(sample) })).value('redis_connected_clients');
 * (await scrape(redis, { target: { addr: 'redis://127.0.0.1:1' } })).value('redis_up'); // 0
 * @throws what the collector or its source throws; Error if it exceeds `timeoutMs` or calls `unsupported()`.
 */
export function scrape(collector: Collector, options?: ScrapeOptions): Promise<Scraped>;
export function scrape<Client, Reading>(
  of: SourceCollector<Client, Reading> | Source<Client, Reading>,
  options?: NoInfer<SourceScrapeOptions<Client, Reading>>,
): Promise<Scraped>;
export async function scrape(
  of: Collector | Source,
  options: SourceScrapeOptions<unknown, unknown> = {},
): Promise<Scraped> {
  const deadline = performance.now() + (options.timeoutMs ?? 5000);
  if (!('collect' in of)) {
    return askTarget(of, options, deadline, (answer) =>
      readBack(upMetrics(answer.target.source).write([answer]), `source ${of.name}`),
    );
  }
  const { source } = of;
  if (source === undefined) return runOnce(of, options, deadline);
  if ('reading' in options) return runOnce(of, options, deadline, { client: options.client, reading: options.reading });
  return askTarget(source, options, deadline, ({ answer }) => {
    if (!answer.up) throw failureOf(`source ${source.name}`, answer);
    return runOnce(of, options, deadline, answer);
  });
}

async function runOnce(
  collector: Collector,
  { config = {}, log = silent }: ScrapeOptions,
  deadline: number,
  found?: Found,
): Promise<Scraped> {
  const live = runner(collector, collector.config?.parse(config), { log, strict: true });
  const given = found && { client: found.client, reading: found.reading };
  const outcome = await live.join(deadline, { found: given, natives: true }).done;
  if (outcome.samples === undefined) throw failureOf(`collector ${collector.name}`, outcome);
  return readBack(outcome.samples, `collector ${collector.name}`);
}

/** Only errors are thrown as they are: a thrown promise could not be caught with `.catch()`. */
const failureOf = (who: string, { error, reason }: { readonly error?: unknown; readonly reason?: string }): Error =>
  isError(error) ? error : new Error(`${who}: ${reason}`, { cause: error });

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
  const families = Array.from(
    samplesOf(snapshot, { natives: 'beside' }),
    (family): Family => ({
      ...family,
      // When a series began differs from run to run.
      samples: Array.from(family.samples, ({ startMs: _, ...sample }) => sample),
    }),
  );
  samples.release();
  const series = (name: string): readonly Sample[] => families.flatMap((f) => f.samples.filter((s) => s.name === name));
  return {
    text,
    textWithNatives: text + nativeLines(families),
    families: new Map(families.map((family) => [family.name, family])),
    series,
    value: (name, labels = {}) => series(name).find((sample) => sameLabels(sample.labels, labels))?.value,
  };
}

function sameLabels(have: Sample['labels'], want: LabelRecord): boolean {
  const names = Object.keys(want);
  return names.length === Object.keys(have).length && names.every((name) => have[name] === String(want[name]));
}
