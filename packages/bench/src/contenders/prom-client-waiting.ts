import { Gauge, Registry } from 'prom-client';
import { LABELS } from '../data/families.ts';
import { listen } from './obey.ts';
import { promClientListener } from './prom-client-http.ts';
import { gauges } from './told.ts';
import { waitingOf } from './waiting.ts';

const { source, duties } = gauges();
const registry = new Registry();
for (const [f, name] of source.names.entries()) {
  const wait = waitingOf(f);
  const write = (metric: Gauge): void => {
    metric.reset();
    for (const { labels, value } of source.read()[f]!.series) metric.set(labels, value);
  };
  new Gauge({
    name,
    help: 'Made up.',
    labelNames: LABELS,
    registers: [registry],
    collect:
      wait === undefined
        ? function () {
            write(this);
          }
        : async function () {
            await wait();
            write(this);
          },
  });
}
listen(promClientListener(registry), duties);
