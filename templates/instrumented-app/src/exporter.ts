import { type Collector, type Exporter, exporter, nodeRuntime } from 'exporter-kit';

/** Instruments, as `live` and `httpServer` return them. */
export interface Counted {
  readonly collector: Collector;
}

/** Exports what the application counts, and the metrics of its process. */
export const acmeWidgetExporter = (...counted: readonly Counted[]): Exporter =>
  exporter({
    name: 'acme_widget_app',
    namespace: 'acme_widget',
    version: '0.1.0',
    title: 'Acme Widget',
    collectors: [...counted.map(({ collector }) => collector), nodeRuntime()],
  });
