import { Gauge, Registry } from 'prom-client';
import { LABELS } from '../data/families.ts';
import type { Duties } from './obey.ts';
import { gauges } from './told.ts';

/** An instrumented application: a prom-client registry whose gauges are set between scrapes. */
export function applicationRegistry(): { readonly registry: Registry; readonly duties: Duties } {
  const { source, duties } = gauges();
  const registry = new Registry();
  const made = source.names.map((name) => {
    return new Gauge({ name, help: 'Made up.', labelNames: LABELS, registers: [registry] });
  });
  return {
    registry,
    duties: {
      ...duties,
      turn(n) {
        source.turn(n);
        for (const [f, { series }] of source.read().entries()) {
          for (const { labels, value } of series) made[f]!.set(labels, value);
        }
      },
    },
  };
}
