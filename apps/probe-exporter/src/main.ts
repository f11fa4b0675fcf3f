import { exporter, nodeRuntime, run } from 'exporter-kit';
import { dns } from './dns/dns.ts';
import { http } from './http/http.ts';
import { modules } from './modules.ts';
import { tcp } from './tcp/tcp.ts';

const probeExporter = exporter({
  name: 'probe_exporter',
  version: '0.1.0',
  title: 'Probe exporter',
  collectors: [nodeRuntime()],
  probes: [http, tcp, dns],
  modules,
});

await run(probeExporter, { port: 19101 });
