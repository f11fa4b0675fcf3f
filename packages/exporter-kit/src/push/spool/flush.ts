import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, silent } from '../../collect/context.ts';
import { messageOf } from '../../errors/thrown.ts';
import type { Group, Sink } from '../sink.ts';
import { deliverEntry } from './deliver-entry.ts';
import type { EntryHead } from './entry.ts';
import { drop, EXTENSION, loadHead, MAX_AGE_MS } from './folder.ts';

/** Options of a flush. */
export interface FlushOptions {
  readonly log?: Logger;
  /** Ends the flush; what is not delivered by then stays. */
  readonly signal: AbortSignal;
  /** Older entries are dropped; default seven days. */
  readonly maxAgeMs?: number;
}

/**
 * Outcome for an entry: `delivered`; `refused` by the sink and dropped; `expired` and dropped; `kept`, because its sink
 * failed (`error`) or another process is delivering it; `unmatched`, kept because no given sink has its sink's name.
 */
export type FlushStatus = 'delivered' | 'refused' | 'expired' | 'kept' | 'unmatched';

/** An entry of a spool, and its outcome. */
export interface Flushed extends Group {
  /** The sink's name. */
  readonly sink: string;
  readonly status: FlushStatus;
  /** Number of runs whose results it holds. */
  readonly runs: number;
  readonly error?: unknown;
}

/**
 * Delivers a spool's entries, oldest first, to the sinks they name. A sink that fails is skipped for its other entries.
 * Safe beside running jobs and other flushes.
 *
 * @example
 * const flushed = await flushSpool('/var/spool/jobs', [pushgateway(url)], { signal: AbortSignal.timeout(60_000) });
 * @returns one outcome for each entry; none if the folder does not exist.
 * @throws Error if the folder can't be read.
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
        // Not waiting for another process: it delivers the same.
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

/** The readable entries of a spool, oldest result first. */
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
