import { listen } from './obey.ts';
import { gaugeRegistry } from './prom-client-gauges.ts';
import { promClientListener } from './prom-client-http.ts';
import { gauges } from './told.ts';

const { source, duties } = gauges();
const { registry, read } = gaugeRegistry(source);
listen(promClientListener(registry, read), duties);
