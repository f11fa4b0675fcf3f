import type * as promClient from 'prom-client';
import { BOUNDS } from '../data/calls.ts';
import { calling } from './calling.ts';
import { listen } from './obey.ts';
import { promClientListener } from './prom-client-http.ts';

/** Calls the instruments of prom-client, or of a library with the same interface. */
export function serveCalls({ Counter, Histogram, Registry }: typeof promClient): void {
  const registry = new Registry();
  const duties = calling({
    make(call, name, labelNames) {
      const options = { name, help: 'Made up.', labelNames, registers: [registry] };
      return call === 'inc' ? new Counter(options) : new Histogram({ ...options, buckets: [...BOUNDS] });
    },
    bind: (instrument, labels) => instrument.labels(labels),
  });
  listen(promClientListener(registry), duties);
}
