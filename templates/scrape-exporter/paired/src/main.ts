import { exporter, nodeRuntime, run } from 'exporter-kit';
import { added, addedSources } from './added.ts';

const acmeWidgetExporter = exporter({
  name: 'acme_widget_exporter',
  namespace: 'acme_widget',
  version: '0.1.0',
  title: 'Acme Widget',
  collectors: [nodeRuntime(), ...added],
  probes: [...addedSources],
});

await run(acmeWidgetExporter, { port: 19999 });
