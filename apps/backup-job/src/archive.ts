import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { create } from 'tar';

/** Sizes of files in bytes, by path in the archive; further hard links of a file have size 0. */
export type Manifest = ReadonlyMap<string, number>;

/**
 * Packs a folder into a new `.tar.gz`, without sockets, pipes and devices, and waits until it is on disk.
 *
 * @returns the files in it, as they were when read.
 * @throws Error if the folder is missing, cannot be read, or changes meanwhile; the target is then incomplete.
 */
export async function writeArchive(folder: string, target: string, signal: AbortSignal): Promise<Manifest> {
  const found = await stat(folder).catch((cause) => {
    throw new Error(`cannot archive ${folder}: ${cause.code === 'ENOENT' ? 'no such folder' : cause.message}`, {
      cause,
    });
  });
  if (!found.isDirectory()) throw new Error(`cannot archive ${folder}: it is not a folder`);

  const manifest = new Map<string, number>();
  const pack = create(
    {
      gzip: true,
      cwd: folder,
      strict: true, // its warnings are about files missing from the backup
      onWriteEntry({ path, type, stat }) {
        if (type === 'File' || type === 'Link') manifest.set(path, stat?.size ?? 0);
      },
    },
    ['.'],
  );
  try {
    await pipeline(Readable.from(pack), createWriteStream(target, { flags: 'wx', flush: true }), { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(`cannot archive ${folder}: ${(cause as Error).message}`, { cause });
  }
  return manifest;
}
