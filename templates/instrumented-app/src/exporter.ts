import { type Exporter, exporter, nodeRuntime } from 'exporter-kit';
import { fromRegistry } from 'exporter-kit/prom-client';
import type { Registry } from 'prom-client';

/** Exports the application's metrics and those of its process. */
export const acmeWidgetMetrics = (register: Registry): Exporter =>
  exporter({
    name: 'acme_widget_app',
    namespace: 'acme_widget',
    version: '0.1.0',
    title: 'Acme Widget',
    collectors: [fromRegistry(register, { name: 'acme_widget' }), nodeRuntime()],
  });
