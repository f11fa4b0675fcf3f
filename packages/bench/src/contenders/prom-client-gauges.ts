import { Gauge, Registry } from 'prom-client';
import { LABELS } from '../data/families.ts';
import type { Source } from '../data/source.ts';

/** A registry whose gauges are set from the source's rows at collection; call `read` first. */
export function gaugeRegistry(source: Source): { readonly registry: Registry; readonly read: () => void } {
  const registry = new Registry();
  let families: ReturnType<Source['read']> = [];
  for (const [f, name] of source.names.entries()) {
    new Gauge({
      name,
      help: 'Made up.',
      labelNames: LABELS,
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, value } of families[f]!.series) this.set(labels, value);
      },
    });
  }
  return {
    registry,
    read() {
      families = source.read();
    },
  };
}
