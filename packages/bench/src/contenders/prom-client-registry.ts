import { listen } from './obey.ts';
import { promClientListener } from './prom-client-http.ts';
import { applicationRegistry } from './registry.ts';

const { registry, duties } = applicationRegistry();
listen(promClientListener(registry), duties);
