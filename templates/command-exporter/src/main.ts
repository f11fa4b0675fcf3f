import { exporter, nodeRuntime, run } from 'exporter-kit';
import { acmeWidgetCollector } from './acme-widget.ts';
import { added, addedSources } from './added.ts';
import { config, sample } from './config.ts';

const acmeWidgetExporter = exporter({
  name: 'acme_widget_exporter',
  namespace: 'acme_widget',
  version: '0.1.0',
  title: 'Acme Widget',
  config,
  collectors: ({ command = sample }) => [acmeWidgetCollector(command), nodeRuntime(), ...added],
  probes: addedSources,
});

await run(acmeWidgetExporter, { port: 19996 });
