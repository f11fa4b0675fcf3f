import type { Metric } from '../../metric/metric.ts';
import type { Collector } from '../collector.ts';
import type { StoreOwner } from './store.ts';

/** What a collector's store is to know of it. */
export function storeOwner(collector: Collector): StoreOwner {
  const { name, metrics, constLabels, maxSeries } = collector;
  return {
    title: `collector ${name}`,
    metrics,
    constLabels,
    ...(maxSeries === undefined ? {} : { maxSeries }),
    written: (metric) => asWritten(collector, metric),
  };
}

/** A metric as a collector's exposition has it: with its prefix, and a help that tells of the cache. */
export function asWritten({ prefix, cacheForMs }: Collector, metric: Metric): Metric {
  if (prefix === '' && cacheForMs === undefined) return metric;
  const cached = cacheForMs === undefined ? '' : ` (Read anew every ${cacheForMs / 1000} s at most.)`;
  return { ...metric, name: prefix + metric.name, help: metric.help + cached };
}
