import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, silent } from '../../collect/context.ts';
import { messageOf } from '../../errors/thrown.ts';
import type { Group, Sink } from '../sink.ts';
import { deliverEntry } from './deliver-entry.ts';
import { type EntryHead, EXTENSION } from './entry.ts';
import { drop, loadHead, MAX_AGE_MS } from './folder.ts';

/** How a flush is done. */
export interface FlushOptions {
  readonly log?: Logger;
  /** Ends it; what is not delivered by then stays. */
  readonly signal: AbortSignal;
  /** What is older is dropped. Default seven days. */
  readonly maxAgeMs?: number;
}

/**
 * What became of an entry: `delivered`; `refused`, and so dropped; `expired`, dropped for its age; `kept`, because its sink
 * is in trouble (`error`) or somebody else delivers it now; `unmatched`, kept too, because no sink given has its sink's name.
 */
export type FlushStatus = 'delivered' | 'refused' | 'expired' | 'kept' | 'unmatched';

/** One entry of a spool, and what became of it. */
export interface Flushed extends Group {
  /** The sink's name. */
  readonly sink: string;
  readonly status: FlushStatus;
  /** How many runs' results it holds. */
  readonly runs: number;
  readonly error?: unknown;
}

/**
 * Delivers what a spool keeps, oldest first, to those of the sinks that have the names written there. A sink that is in
 * trouble is not tried again for its other entries. Safe beside running jobs and other flushes.
 *
 * @example
 * const flushed = await flushSpool('/var/spool/jobs', [pushgateway(url)], { signal: AbortSignal.timeout(60_000) });
 * @returns one for each entry; none when there is no such folder.
 * @throws Error when the folder can't be read.
 */
export async function flushSpool(
  directory: string,
  sinks: readonly Sink[],
  { log = silent, signal, maxAgeMs = MAX_AGE_MS }: FlushOptions,
): Promise<Flushed[]> {
  const entries = await entriesOf(directory, log);
  const troubled = new Map<string, unknown>();
  const flushed: Flushed[] = [];
  for (const { file, entry } of entries) {
    const { sink: name, job, grouping, runs } = entry;
    const done = (status: FlushStatus, error?: unknown): void => {
      flushed.push({ sink: name, job, grouping, runs, status, ...(error === undefined ? {} : { error }) });
    };
    const sink = sinks.find((one) => one.name === name);
    if (Date.now() - entry.settledMs > maxAgeMs) {
      if (await drop(directory, file, entry.id, log)) done('expired');
    } else if (sink === undefined) done('unmatched');
    else if (troubled.has(name) || signal.aborted) done('kept', troubled.get(name) ?? signal.reason);
    else {
      try {
        // Somebody else who is at it does the same.
        const { status, error } = await deliverEntry({
          directory,
          file,
          sink,
          log,
          signal,
          patience: AbortSignal.abort(),
        });
        if (status === 'kept') troubled.set(name, error);
        if (status !== 'gone') done(status, error);
      } catch (error) {
        done('kept', error);
      }
    }
  }
  return flushed;
}

/** The entries of a spool that can be read, the oldest result first. */
async function entriesOf(directory: string, log: Logger): Promise<{ file: string; entry: EntryHead }[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found: { file: string; entry: EntryHead }[] = [];
  for (const file of names.filter((name) => name.endsWith(EXTENSION))) {
    try {
      const entry = await loadHead(join(directory, file), log);
      if (entry !== undefined) found.push({ file, entry });
    } catch (error) {
      log.error({ file: join(directory, file), reason: messageOf(error) }, 'spool file not readable; left in place');
    }
  }
  return found.sort((a, b) => a.entry.settledMs - b.entry.settledMs);
}
