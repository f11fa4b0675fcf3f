import { type Collector, counter, exporter, histogram, live, serve } from 'exporter-kit';
import { BOUNDS, type Call } from '../data/calls.ts';
import { calling, type Library } from './calling.ts';
import { obey } from './obey.ts';

type Instrument = { with(labels: { readonly [label: string]: string }): unknown };

const collectors: Collector[] = [];

const kit: Library<Instrument> = {
  make(call: Call, name, labels) {
    const metric =
      call === 'inc'
        ? counter({ name, help: 'Made up.', labels })
        : histogram({ name, help: 'Made up.', unit: 'seconds', labels, buckets: BOUNDS });
    const { made, collector } = live({ name, maxSeries: 10_000, metrics: { made: metric } });
    collectors.push(collector);
    return made as Instrument;
  },
  bind: (instrument, labels) => instrument.with(labels),
};

const duties = calling(kit);
const { url } = await serve(exporter({ name: 'bench_exporter', collectors }));
obey(`${url}metrics`, duties);
