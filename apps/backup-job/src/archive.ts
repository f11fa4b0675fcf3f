import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { create } from 'tar';

/** Files by their path in the archive, with their sizes in bytes; another name of a file already in it has size 0. */
export type Manifest = ReadonlyMap<string, number>;

/**
 * Packs a folder into a new `.tar.gz`, with everything in it but sockets, pipes and devices, and waits until it is on disk.
 *
 * @returns what went in, as it was when it was read.
 * @throws Error when the folder is not there, cannot be read, or changes underneath; the target is then incomplete.
 */
export async function writeArchive(folder: string, target: string, signal: AbortSignal): Promise<Manifest> {
  const found = await stat(folder).catch((cause) => {
    throw new Error(`cannot archive ${folder}: ${cause.code === 'ENOENT' ? 'it is not there' : cause.message}`, {
      cause,
    });
  });
  if (!found.isDirectory()) throw new Error(`cannot archive ${folder}: it is not a folder`);

  const manifest = new Map<string, number>();
  const pack = create(
    {
      gzip: true,
      cwd: folder,
      strict: true, // whatever it would warn of is a file missing from the backup
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
