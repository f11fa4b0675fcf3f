import type { Logger } from '../collect/context.ts';
import type { Family } from '../collect/families.ts';
import { joined, type Snapshot } from '../collect/scrape/snapshot.ts';
import { familiesText } from '../encode/families-text.ts';
import { samplesOf } from '../encode/samples.ts';
import { codeOf, messageOf } from '../errors/thrown.ts';
import { parseText } from '../parse/text.ts';
import { familySnapshot } from './family-snapshot.ts';
import { checkClashes, checkGroup } from './group-clash.ts';
import type { Delivery, Group, Grouping, Sink, SinkContext } from './sink.ts';

/** Readable by everybody, whatever the umask of the job: the collector is another user. */
const MODE = 0o644;

/** No write takes longer, so whoever holds a file on another machine is gone then. */
const STALE_MS = 60_000;

/**
 * Delivers to a folder that a textfile collector reads, one file a group. Job and grouping become labels, so that many
 * jobs share the folder. A reader sees the old file or the new one, never a part, and so it is after a crash.
 *
 * @example
 * await runJob(backup, { to: [textfile('/var/lib/node_exporter')] });
 */
export function textfile(directory: string): Sink {
  const name = `textfile ${directory}`;

  /** Does something with a group's file that no other writer does at the same time, and says whose trouble it was. */
  async function withFile({ job, grouping }: Group, { signal }: SinkContext, work: (path: string) => Promise<unknown>) {
    const { join } = await import('node:path');
    const { locked } = await import('./disk/lock.ts');
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
        const { replaceFile, sweep } = await import('./disk/replace-file.ts');
        await sweep(directory);
        const whole = mode === 'add' ? await withPresent(path, snapshot, name, context.log) : snapshot;
        const body = familiesText(samplesOf(whole, { escaping: 'underscores' }), { job, ...grouping });
        await replaceFile(path, body, MODE);
      });
    },
    remove(group, context) {
      return withFile(group, context, async (path) => (await import('./disk/replace-file.ts')).removeFile(path));
    },
  };
}

/** One name a group: readable, and with a digest where a name alone would not tell two groups apart. */
export async function fileName(job: string, grouping: Grouping): Promise<string> {
  const labels = Object.entries(grouping).sort();
  const readable = [job, ...labels.map(([label, value]) => `${label}-${value}`)].join('_');
  const plain = readable.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 100);
  // One that seems to end in a digest might be the name of another group.
  if (plain === job && !/-[0-9a-f]{8}$/.test(job)) return `${plain}.prom`;
  const { createHash } = await import('node:crypto');
  const digest = createHash('sha256')
    .update(JSON.stringify([job, labels]))
    .digest('hex');
  return `${plain}-${digest.slice(0, 8)}.prom`;
}

/** What is to be in the file after adding: families of other names stay. */
async function withPresent(path: string, added: Snapshot, title: string, log: Logger): Promise<Snapshot> {
  const names = new Set(Array.from(samplesOf(added, { escaping: 'underscores' }), ({ name }) => name));
  const kept = (await read(path, log)).filter(({ name }) => !names.has(name));
  return kept.length === 0 ? added : joined([familySnapshot(kept, title), added], title);
}

async function read(path: string, log: Logger): Promise<readonly Family[]> {
  const { readFile } = await import('node:fs/promises');
  try {
    return parseText(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)), { lenient: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      log.warn({ file: path, err: error }, 'what is there already can not be read and is replaced');
    }
    return [];
  }
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such directory; create it';
    case 'ENOTDIR':
      return 'that is not a directory; name the one that the collector reads';
    case 'EACCES':
    case 'EROFS':
      return `may not be written to; run the job as a user who may (${messageOf(error)})`;
    case 'ENOSPC':
      return `the disk is full (${messageOf(error)})`;
    default:
      return messageOf(error);
  }
}
