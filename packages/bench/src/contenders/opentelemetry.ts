import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { AggregationType, MeterProvider } from '@opentelemetry/sdk-metrics';
import { listen } from './obey.ts';
import { gauges } from './told.ts';

const { source, duties } = gauges();
const prometheus = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
const provider = new MeterProvider({
  readers: [prometheus],
  // By default, it folds series beyond 2,000 into one.
  views: [
    { instrumentName: '*', aggregation: { type: AggregationType.DEFAULT }, aggregationCardinalityLimit: 2 ** 31 },
  ],
});
const meter = provider.getMeter('bench');
let families: ReturnType<typeof source.read> = [];
for (const [f, name] of source.names.entries()) {
  meter.createObservableGauge(name, { description: 'Made up.' }).addCallback((result) => {
    for (const { labels, value } of families[f]!.series) result.observe(value, { ...labels });
  });
}

listen((req, res) => {
  families = source.read();
  prometheus.getMetricsRequestHandler(req, res);
}, duties);
