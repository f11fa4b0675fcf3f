import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';

/** Memory of this process in bytes, as Linux counts it. */
export interface Memory {
  readonly resident: number;
  readonly virtual: number;
  /** Data segments: heap and other writable memory. */
  readonly data: number;
}

// Larger than any file read here. These files are kernel memory: reading them asynchronously costs more than it takes.
const buffer = Buffer.allocUnsafeSlow(16_384);

function readProc(path: string): string {
  const file = openSync(path, 'r');
  try {
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(file);
  }
}

/** `undefined` without a `/proc` like Linux'. */
export function readMemory(): Memory | undefined {
  const status = orUndefined(() => readProc('/proc/self/status'));
  const bytes = (field: string): number => Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status!)?.[1]) * 1024;
  if (status === undefined) return undefined;
  const memory = { resident: bytes('VmRSS'), virtual: bytes('VmSize'), data: bytes('VmData') };
  return Object.values(memory).some(Number.isNaN) ? undefined : memory;
}

/** Number of open file descriptors; `undefined` without a `/proc` like Linux'. */
export function countOpenFiles(): number | undefined {
  return orUndefined(() => {
    // From Linux 6.2 on, the directory's size is their number. One of those that are listed is for listing.
    const { size } = statSync('/proc/self/fd');
    return size > 0 ? size : readdirSync('/proc/self/fd').length - 1;
  });
}

/** The soft limit of open file descriptors; `undefined` without a `/proc` like Linux'. */
export function maxOpenFiles(): number | undefined {
  const limit = /^Max open files +(\S+)/m.exec(orUndefined(() => readProc('/proc/self/limits')) ?? '')?.[1];
  return limit === 'unlimited' ? Infinity : limit === undefined ? undefined : Number(limit);
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
