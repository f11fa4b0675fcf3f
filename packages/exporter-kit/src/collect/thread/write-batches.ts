import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Metric } from '../../metric/metric.ts';
import { slices } from '../../time/wait.ts';
import type { Collector } from '../collector.ts';
import { cellsSent, readCells } from './cells.ts';
import type { Batch, SampleMessage } from './protocol.ts';

interface Target {
  readonly metric: Metric;
  readonly writer: { set(...args: unknown[]): void };
}

/**
 * Writes the samples that a thread has sent to a run's writers, a few milliseconds at a time.
 *
 * @throws the signal's reason if it aborts; what the writers throw in strict mode.
 */
export async function writeBatches(
  samples: MessagePort,
  collector: Collector,
  writers: unknown,
  signal: AbortSignal,
): Promise<void> {
  const handed = writers as { readonly [key: string]: Target['writer'] } & {
    family(metric: Metric): Target['writer'];
  };
  const families: Target[] = [];
  const target = (key: string | number): Target => {
    if (typeof key === 'number') return families[key]!;
    const [metric, writer] = [collector.metrics[key], handed[key]];
    if (metric !== undefined && writer !== undefined) return { metric, writer };
    throw new Error(
      `collector ${collector.name}: its thread declares the metric "${key}", but the main thread does not; the module must declare the same in both.`,
    );
  };
  const slice = slices(signal);
  for (let got = receiveMessageOnPort(samples); got !== undefined; got = receiveMessageOnPort(samples)) {
    for (const item of got.message as SampleMessage) {
      if ('family' in item) families.push({ metric: item.family, writer: handed.family(item.family) });
      else write(item, target(item.metric));
    }
    await slice();
  }
}

function write({ rows, texts, places, cells, odd }: Batch, { metric, writer }: Target): void {
  for (const args of odd) writer.set(...args);
  const names = metric.labels.map((label) => label.name);
  const count = names.length;
  const step = cellsSent(metric);
  // One object for all rows: the store reads it immediately and keeps only the values.
  const labels: Record<string, string> = {};
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < count; i++) labels[names[i]!] = texts[places[row * count + i]!]!;
    const value = readCells(metric, cells, row * step);
    if (count > 0) writer.set(labels, value);
    else writer.set(value);
  }
}
