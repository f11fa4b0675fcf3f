import { Pushgateway } from 'prom-client';
import { obey } from './obey.ts';
import { gaugeRegistry } from './prom-client-gauges.ts';
import { gateway, gauges } from './told.ts';

const { source, duties } = gauges();
const { registry, read } = gaugeRegistry(source);
const pusher = new Pushgateway(gateway, {}, registry);

obey(gateway, {
  ...duties,
  async push() {
    read();
    await pusher.push({ jobName: 'prom-client' });
  },
});
