import { Buffer } from 'node:buffer';
import { slices } from '../time/wait.ts';
import type { PageReader } from './body.ts';

// Large pieces: each costs a task in the thread pool and a compressor of its own.
const PIECE = 256 * 1024;
// A small answer is compressed here: 100 KiB take 0.4 ms of CPU time, and 2 ms with a task for another thread.
const SMALL = 128 * 1024;
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/**
 * Compresses pages into one gzip member. The thread pool compresses two pieces at a time, unless there is only a small one;
 * the event loop copies and computes checksums. Source: RFC 1952.
 *
 * @throws the reason of `signal` if it aborts.
 */
export async function gzipPages(reader: PageReader, level: number, signal: AbortSignal): Promise<Uint8Array[]> {
  // Loaded on demand: many processes never compress.
  const { constants, crc32, deflateRaw, deflateRawSync } = await import('node:zlib');
  const deflate = (bytes: Uint8Array, finishFlush: number): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      deflateRaw(bytes, { level, finishFlush }, (error, result) => (error ? reject(error) : resolve(result)));
    });
  const pieces: Promise<Uint8Array>[] = [];
  let sum = 0;
  let size = 0;
  let last = false;
  const turn = slices();
  for (let index = 0; !last; ) {
    signal.throwIfAborted();
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < PIECE && !last) {
      const shared = reader.page(index++);
      const bytes = Buffer.from(shared.bytes);
      last = shared.last;
      shared.release();
      if (bytes.length === 0) {
        await turn();
        signal.throwIfAborted();
        continue;
      }
      parts.push(bytes);
      length += bytes.length;
      sum = crc32(bytes, sum);
    }
    size += length;
    if (last && size <= SMALL) {
      pieces.push(Promise.resolve(deflateRawSync(Buffer.concat(parts), { level })));
      break;
    }
    const finishFlush = last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
    pieces.push(deflate(parts.length === 1 ? parts[0]! : Buffer.concat(parts), finishFlush));
    await pieces.at(-2);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  return [HEADER, ...(await Promise.all(pieces)), trailer];
}
