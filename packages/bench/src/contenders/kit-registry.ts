import { exporter, serve } from 'exporter-kit';
import { fromRegistry } from 'exporter-kit/prom-client';
import { obey } from './obey.ts';
import { applicationRegistry } from './registry.ts';

const { registry, duties } = applicationRegistry();
const { url } = await serve(exporter({ name: 'bench_exporter', collectors: [fromRegistry(registry)] }));
obey(`${url}metrics`, duties);
