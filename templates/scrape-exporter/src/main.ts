import { type Exporter, exporter, run } from 'exporter-kit';
import { nodeRuntime } from 'exporter-kit/prom-client';
import { acmeWidgetCollector } from './acme-widget.ts';
import { type Config, config } from './config.ts';

const build = ({ source }: Config): Exporter =>
  exporter({
    name: 'acme_widget_exporter',
    namespace: 'acme_widget',
    version: '0.1.0',
    title: 'Acme Widget',
    collectors: [acmeWidgetCollector(new URL(source)), nodeRuntime()],
  });

await run(build, { port: 19999, config });
