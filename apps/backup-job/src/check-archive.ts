import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser } from 'tar';
import type { Manifest } from './archive.ts';

/**
 * Reads a `.tar.gz` to its end, verifying gzip's checksum, and returns the sizes of its files.
 *
 * @throws Error if it is damaged or truncated.
 */
export async function readArchive(path: string, signal: AbortSignal): Promise<Manifest> {
  const manifest = new Map<string, number>();
  let damage: unknown;
  const parser = new Parser({
    strict: true,
    onReadEntry(entry) {
      const counts = entry.type === 'File' || entry.type === 'Link';
      if (counts) manifest.set(entry.path, 0);
      entry.on('data', (chunk) => {
        if (counts) manifest.set(entry.path, (manifest.get(entry.path) ?? 0) + chunk.length);
      });
    },
  });
  parser.on('error', (error) => {
    damage ??= error;
  });
  try {
    await pipeline(
      createReadStream(path),
      createGunzip(),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) parser.write(chunk);
        parser.end();
        if (damage) throw damage;
      },
      { signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(`the archive is damaged: ${(cause as Error).message}`, { cause });
  }
  return manifest;
}

/**
 * Compares the files read back with those written.
 *
 * @throws Error that names the first difference.
 */
export function compare(written: Manifest, read: Manifest): void {
  for (const [path, size] of written) {
    const there = read.get(path);
    if (there === undefined) throw new Error(`the archive lacks ${path}`);
    if (there !== size) throw new Error(`the archive has ${there} bytes of ${path}, not ${size}`);
  }
  for (const path of read.keys()) {
    if (!written.has(path)) throw new Error(`the archive has an unexpected file ${path}`);
  }
}
