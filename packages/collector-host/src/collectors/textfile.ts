import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { above, type Collector, collector, gauge, olderThan } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { type Family, parseText, writeFamilies } from 'exporter-kit/exposition';
import { merged } from '../merged.ts';

const metrics = {
  mtime: gauge({
    name: 'node_textfile_mtime_seconds',
    help: 'Modification time of each served file, in Unix time.',
    unit: 'seconds',
    labels: ['file'],
    alert: {
      name: 'TextfileOld',
      when: olderThan('2d'),
      for: '1h',
      summary: 'Text file was not written for two days.',
    },
  }),
  error: gauge({
    name: 'node_textfile_scrape_error',
    help: '1 if a file or directory was skipped because of an error, 0 if not.',
    alert: {
      name: 'TextfileUnreadable',
      when: above(0),
      for: '15m',
      summary: 'Text file was left out because of an error.',
    },
  }),
};

/**
 * Serves what jobs have left in `*.prom` files of the directories of its config. A file that can't be served (garbage,
 * not UTF-8, timestamps, a counter of -1, another type or help than a file before it, a series twice) is left out whole, logged, and shown by
 * `node_textfile_scrape_error`; the others are served.
 */
export function textfile(): Collector {
  return collector({
    name: 'textfile',
    families: 'dynamic',
    metrics,
    config: z.object({
      directory: z.array(z.string()).default([]).describe('Directory whose *.prom files are served.'),
    }),
    async collect({ family, mtime, error }, { signal, log, config }) {
      const all = merged(Object.values(metrics).map(({ name }) => name));
      let failed = false;
      const orReport = async (path: string, task: () => Promise<void>): Promise<void> => {
        try {
          await task();
        } catch (err) {
          signal.throwIfAborted();
          failed = true;
          log.error({ path, err }, 'text file skipped');
        }
      };
      for (const directory of new Set(config.directory)) {
        await orReport(directory, async () => {
          for (const name of (await readdir(directory)).filter((n) => n.endsWith('.prom')).sort()) {
            const path = join(directory, name);
            await orReport(path, async () => {
              const file = await readFamilies(path, signal);
              all.add(path, file.families);
              mtime.set({ file: path }, Math.floor(file.mtimeMs / 1000));
            });
          }
        });
      }
      writeFamilies(family, all.families());
      error.set(failed ? 1 : 0);
    },
  });
}

const MOST_BYTES = 64 << 20;

/** Reads one file. Anything but a regular file is rejected: a pipe without a writer would block a thread. */
async function readFamilies(path: string, signal: AbortSignal): Promise<{ families: Family[]; mtimeMs: number }> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new Error(`${path} is not a file; remove or rename it.`);
    if (about.size > MOST_BYTES) throw new Error(`${path} has ${about.size} bytes; the maximum is ${MOST_BYTES}.`);
    const families = parse(await file.readFile({ signal }), path);
    for (const { timestampMs, name } of families.flatMap((f) => f.samples)) {
      if (timestampMs !== undefined)
        throw new Error(`${path}: ${name} has a timestamp, which is not supported; remove it.`);
    }
    // Looked at once more: a file that can't be served must not look fresh.
    return { families, mtimeMs: (await file.stat()).mtimeMs };
  } finally {
    await file.close();
  }
}

function parse(bytes: Uint8Array, path: string): Family[] {
  try {
    if (!isUtf8(bytes)) throw new Error('not valid UTF-8; convert it, for example with iconv.');
    return parseText(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), { lenient: true });
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
