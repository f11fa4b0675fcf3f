import { readdirSync, readFileSync } from 'node:fs';
import { again, type Field } from './load/load.ts';

/** Resident memory at three points of a soak, in bytes. */
export interface Memory {
  readonly at10: number;
  readonly at50: number;
  readonly at100: number;
}

// The value at a point is the median over this share of the soak before it.
const WINDOW = 0.05;

/** Samples the exporter's resident memory four times a second. */
export async function watchMemory(field: Field): Promise<Memory> {
  const samples: number[] = [];
  await again(field, 'reading memory', 250, async () => void samples.push(residentBytes(field.pid)));
  return { at10: medianBefore(samples, 0.1), at50: medianBefore(samples, 0.5), at100: medianBefore(samples, 1) };
}

/** The median of the samples before a share of the time. */
export function medianBefore(samples: readonly number[], share: number): number {
  const end = Math.max(1, Math.round(samples.length * share));
  const some = samples.slice(Math.max(0, end - Math.max(1, Math.round(samples.length * WINDOW))), end);
  return some.toSorted((a, b) => a - b)[Math.floor(some.length / 2)] ?? 0;
}

function residentBytes(pid: number): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) * 1024;
}

/** Number of open file descriptors of the process. */
export function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
