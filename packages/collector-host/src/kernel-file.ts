import { closeSync, constants, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Path } from './source.ts';

const AT_ONCE = 64;
// Larger than almost all of them.
let buffer = Buffer.allocUnsafe(64 * 1024);

/**
 * Reads a file of procfs or sysfs. The kernel makes it while it is read, in microseconds and without waiting for a disk: to have
 * another thread do it costs ten times as much. What is no file of the kernel, such as a pipe, is not waited for either.
 *
 * @throws what open(2) and read(2) say.
 */
export function readKernelFile(path: Path): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    let size = 0;
    // Its size is not known before, and each read may return less than there is.
    for (let more = -1; more !== 0; size += more) {
      if (size === buffer.length) buffer = Buffer.concat([buffer], size * 2);
      more = readSync(file, buffer, size, buffer.length - size, null);
    }
    return Buffer.from(buffer.subarray(0, size));
  } finally {
    closeSync(file);
  }
}

/** Awaited between the files of many devices, so that the process can do something else; at once, but for each 64th of them. */
export const pauseAfter = (device: number): Promise<void> | undefined =>
  device % AT_ONCE === AT_ONCE - 1 ? setImmediate() : undefined;
