import { type Collector, counter, exporter, histogram, live, serve } from 'exporter-kit';
import { BOUNDS, type Labels } from '../data/calls.ts';
import { calling } from './calling.ts';
import { obey } from './obey.ts';

interface Instrument {
  with(labels: Labels): unknown;
}

/** Calls live instruments. */
export async function serveCalls(native: boolean): Promise<void> {
  const collectors: Collector[] = [];
  const duties = calling<Instrument>({
    make(call, name, labels) {
      const metric =
        call === 'inc'
          ? counter({ name, help: 'Made up.', labels })
          : histogram({ name, help: 'Made up.', unit: 'seconds', labels, buckets: BOUNDS, native });
      const { made, collector } = live({ name, maxSeries: 10_000, metrics: { made: metric } });
      collectors.push(collector);
      return made as Instrument;
    },
    bind: (instrument, labels) => instrument.with(labels),
  });
  const { url } = await serve(exporter({ name: 'bench_exporter', collectors }));
  obey(`${url}metrics`, duties);
}
