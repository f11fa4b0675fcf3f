import { exporter, nodeRuntime, run } from 'exporter-kit';
import { acmeWidgetProbe } from './acme-widget.ts';
import { added } from './added.ts';

const acmeWidgetProber = exporter({
  name: 'acme_widget_prober',
  version: '0.1.0',
  title: 'Acme Widget prober',
  collectors: [nodeRuntime()],
  probes: [acmeWidgetProbe, ...added],
});

await run(acmeWidgetProber, { port: 19998 });
