import { exporter, nodeRuntime, run } from 'exporter-kit';
import { acmeWidgetCollector } from './acme-widget.ts';
import { added, addedSources } from './added.ts';
import { acmeWidgetSource } from './source.ts';

const acmeWidgetExporter = exporter({
  name: 'acme_widget_exporter',
  namespace: 'acme_widget',
  version: '0.1.0',
  title: 'Acme Widget',
  collectors: [acmeWidgetCollector, nodeRuntime(), ...added],
  probes: [acmeWidgetSource, ...addedSources],
});

await run(acmeWidgetExporter, { port: 19999 });
