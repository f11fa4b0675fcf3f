import type { Logger } from '../collect/context.ts';
import type { Family } from '../collect/families.ts';
import { messageOf } from '../collect/runner.ts';
import { encodeToString } from '../encode/encode.ts';
import { parseText } from '../encode/parse-text.ts';
import { text } from '../encode/text.ts';
import { familySnapshot } from './family-snapshot.ts';
import { withSampleLabels } from './labelled.ts';
import type { Delivery, Grouping, Sink } from './sink.ts';

/**
 * Delivers to a folder that a textfile collector reads, one file a group. Job and grouping become labels, so that many
 * jobs share the folder. A reader sees the old file or the new one, never a part.
 *
 * @example
 * await runJob(backup, { to: [textfile('/var/lib/node_exporter')] });
 */
export function textfile(directory: string): Sink {
  const name = `textfile ${directory}`;
  return {
    name,
    async deliver({ job, grouping, mode, snapshot }: Delivery, { log }) {
      const { join } = await import('node:path');
      const path = join(directory, await fileName(job, grouping));
      try {
        const added = withSampleLabels(parseText(encodeToString(snapshot, text)), { job, ...grouping });
        const names = new Set(added.map((family) => family.name));
        const kept = mode === 'add' ? (await present(path, log)).filter((family) => !names.has(family.name)) : [];
        await replaceFile(path, encodeToString(familySnapshot([...kept, ...added], name), text));
      } catch (cause) {
        const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
        const why = missing ? 'there is no such directory; create it' : messageOf(cause);
        throw new Error(`${name}: ${why}`, { cause });
      }
    },
  };
}

/** One name a group: readable, and with a digest where a name alone would not tell two groups apart. */
export async function fileName(job: string, grouping: Grouping): Promise<string> {
  const readable = [job, ...Object.entries(grouping).map(([label, value]) => `${label}-${value}`)].join('_');
  const plain = readable.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 100);
  if (plain === job) return `${plain}.prom`;
  const { createHash } = await import('node:crypto');
  const digest = createHash('sha256')
    .update(JSON.stringify([job, Object.entries(grouping)]))
    .digest('hex');
  return `${plain}-${digest.slice(0, 8)}.prom`;
}

async function present(path: string, log: Logger): Promise<readonly Family[]> {
  const { readFile } = await import('node:fs/promises');
  try {
    return parseText(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      log.warn({ file: path, err: error }, 'what is there already can not be read and is replaced');
    }
    return [];
  }
}

/** Writes aside, in the same folder and under a name no collector reads, then renames. */
async function replaceFile(path: string, body: string): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const aside = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`;
  try {
    const file = await open(aside, 'wx', 0o644);
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}
