import { type Logger, silent } from '../collect/context.ts';
import { systemResolve } from '../collect/resolve.ts';
import type { TargetAnswer } from '../collect/scrape/join-when-up.ts';
import { liveTarget } from '../collect/source/live-target.ts';
import type { Source } from '../collect/source/source.ts';
import { type Target, targetsOf } from '../collect/source/targets.ts';

/** Options of `scrape`. */
export interface ScrapeOptions {
  /** Passed to the collector's `config.parse()`; default `{}`. */
  readonly config?: unknown;
  /** Deadline of the collector's `signal`; default 5000. */
  readonly timeoutMs?: number;
  readonly log?: Logger;
}

/** Options of `scrape` for a source, or a collector of one. */
export interface SourceScrapeOptions<Client, Reading> extends ScrapeOptions {
  /** Settings of the target to open, for the source's `config.parse()`; default `{}`. */
  readonly target?: unknown;
  /** A fake that `read` asks; nothing is opened or closed. */
  readonly client?: Client;
  /** What `read` would return; nothing is opened or asked. */
  readonly reading?: Reading;
}

/** Asks a target once, uses the answer, and closes what was opened for it. */
export async function askTarget<T>(
  source: Source,
  options: SourceScrapeOptions<unknown, unknown>,
  deadline: number,
  use: (answer: TargetAnswer) => T | Promise<T>,
): Promise<T> {
  const { log = silent } = options;
  const used = 'client' in options ? faked(source, options) : { source, only: only(source, options.target) };
  const target = liveTarget(used.source, used.only, { log, resolve: systemResolve });
  const answer = await target.join(deadline).done;
  try {
    return await use({ target, answer });
  } finally {
    if (answer.up) answer.release();
    await target.retire();
  }
}

function only(source: Source, settings: unknown = {}): Target {
  const [target] = targetsOf(source, settings);
  if (target?.name === undefined && target !== undefined) return target;
  throw new TypeError(`source ${source.name}: target has the settings of one target, without "targets".`);
}

/** The source over a client that the test has made, and keeps. Settings may be missing, as nothing is opened by them. */
function faked(
  source: Source,
  { client, target }: SourceScrapeOptions<unknown, unknown>,
): { readonly source: Source; readonly only: Target } {
  const over: Source = { ...source, open: () => client, close() {} };
  if (target !== undefined) return { source: over, only: only(source, target) };
  try {
    return { source: over, only: only(source) };
  } catch {
    return { source: over, only: { settings: {}, config: undefined } };
  }
}
