import type { Logger } from '../collect/context.ts';
import type { Family } from '../collect/families.ts';
import { joinSnapshots, type Snapshot } from '../collect/scrape/snapshot.ts';
import { familiesText } from '../encode/families-text.ts';
import { samplesOf } from '../encode/samples.ts';
import { codeOf, messageOf } from '../errors/thrown.ts';
import { checkClashes, checkGroup } from './group.ts';
import type { Delivery, Group, Grouping, Sink, SinkContext } from './sink.ts';

/** Readable by all, whatever the job's umask: the collector runs as another user. */
const MODE = 0o644;

/** No write takes longer: a lock of another machine that is older is stale. */
const STALE_MS = 60_000;

/**
 * Delivers to a folder that a textfile collector reads, one file for each group. Job and grouping become labels, so that
 * many jobs can share the folder. Files are replaced atomically, also across a crash.
 *
 * @example
 * await runJob(backup, { to: [textfile('/var/lib/node_exporter')] });
 */
export function textfile(directory: string): Sink {
  const name = `textfile ${directory}`;

  /** Runs `work` with the group's file locked; errors name the sink. */
  async function withFile({ job, grouping }: Group, { signal }: SinkContext, work: (path: string) => Promise<unknown>) {
    const { join } = await import('node:path');
    const { locked } = await import('../disk/lock.ts');
    try {
      checkGroup({ job, grouping });
      signal.throwIfAborted();
      const file = await fileName(job, grouping);
      await locked(directory, file, { signal, staleMs: STALE_MS }, () => work(join(directory, file)));
    } catch (cause) {
      throw new Error(`${name}: ${reasonOf(cause)}`, { cause });
    }
  }

  return {
    name,
    deliver(delivery: Delivery, context) {
      return withFile(delivery, context, async (path) => {
        checkClashes(delivery);
        const { job, grouping, mode, snapshot } = delivery;
        const { replaceFile, sweep } = await import('../disk/replace-file.ts');
        await sweep(directory);
        const whole = mode === 'add' ? await withPresent(path, snapshot, name, context.log) : snapshot;
        const body = familiesText(samplesOf(whole, { escaping: 'underscores' }), { job, ...grouping });
        await replaceFile(path, body, MODE);
      });
    },
    remove(group, context) {
      return withFile(group, context, async (path) => (await import('../disk/replace-file.ts')).removeFile(path));
    },
  };
}

/** A unique, readable file name for a group; with a digest where the readable part alone would be ambiguous. */
export async function fileName(job: string, grouping: Grouping): Promise<string> {
  const labels = Object.entries(grouping).sort();
  const readable = [job, ...labels.map(([label, value]) => `${label}-${value}`)].join('_');
  const plain = readable.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 100);
  // A job name that looks as if it ended in a digest could be another group's file name.
  if (plain === job && !/-[0-9a-f]{8}$/.test(job)) return `${plain}.prom`;
  const { createHash } = await import('node:crypto');
  const digest = createHash('sha256')
    .update(JSON.stringify([job, labels]))
    .digest('hex');
  return `${plain}-${digest.slice(0, 8)}.prom`;
}

/** The file's content after an `add`: families of other names stay. */
async function withPresent(path: string, added: Snapshot, title: string, log: Logger): Promise<Snapshot> {
  const names = new Set(Array.from(samplesOf(added, { escaping: 'underscores' }), ({ name }) => name));
  const kept = (await read(path, log)).filter(({ name }) => !names.has(name));
  if (kept.length === 0) return added;
  const { familySnapshot } = await import('./family-snapshot.ts');
  return joinSnapshots([familySnapshot(kept, title), added], title);
}

async function read(path: string, log: Logger): Promise<readonly Family[]> {
  const { readFile } = await import('node:fs/promises');
  const { parseText } = await import('../parse/text.ts');
  try {
    return parseText(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)), { lenient: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      log.warn({ file: path, err: error }, 'existing file not readable; replacing it');
    }
    return [];
  }
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'no such directory; create it';
    case 'ENOTDIR':
      return 'not a directory; give the one that the textfile collector reads';
    case 'EACCES':
    case 'EROFS':
      return `not writable; run the job as a user with write permission (${messageOf(error)})`;
    case 'ENOSPC':
      return `the disk is full (${messageOf(error)})`;
    default:
      return messageOf(error);
  }
}
