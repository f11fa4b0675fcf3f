import { collector, type SourceCollector, summary } from 'exporter-kit';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { parseFields, parseNumber } from '../parse/fields.ts';
import { type Reading, redis } from '../source.ts';

/** Percentiles of the latency of each command, as the server has computed them. */
export function latencystats(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const named = naming(names)('latency_percentiles_usec', 'command_latency_percentiles_seconds');
  const unit = names === 'clean' ? 1e6 : 1;
  const help = `Percentiles of the latency of a command${unit === 1 ? ', in microseconds' : ''}.`;
  // Most servers have the same percentiles: what is made of a family's declaration is made once for all of them.
  let last = summary({ ...named, help, labels: ['cmd'], quantiles: [0.5] });
  const metricOf = (quantiles: readonly number[]): typeof last => {
    if (String(quantiles) !== String(last.quantiles)) last = summary({ ...named, help, labels: ['cmd'], quantiles });
    return last;
  };
  return collector({
    name: 'latencystats',
    source: redis,
    // Which percentiles there are is the server's setting `latency-tracking-info-percentiles`.
    families: 'dynamic',
    collect({ family }, { reading }) {
      const latencies = parseLatencies(reading.info.section('latencystats'));
      const quantiles = [...new Set([...latencies.values()].flatMap((one) => [...one.keys()]))].sort((a, b) => a - b);
      if (quantiles.length === 0) return;
      const writer = family(metricOf(quantiles));
      for (const { command: cmd, calls, microseconds } of reading.commands) {
        const latency = latencies.get(cmd);
        if (latency === undefined) continue;
        const values = quantiles.map((quantile) => (latency.get(quantile) ?? Number.NaN) / unit);
        writer.set({ cmd }, { quantiles: values, sum: microseconds / unit, count: calls });
      }
    },
  });
}

/** Microseconds by command and quantile. */
function parseLatencies(section: Iterable<readonly [string, string]>): Map<string, Map<number, number>> {
  const found = new Map<string, Map<number, number>>();
  for (const [name, value] of section) {
    const command = /^latency_percentiles_usec_(.+)$/.exec(name)?.[1];
    if (command === undefined) continue;
    const latency = new Map<number, number>();
    for (const [percentile, text] of parseFields(value)) {
      // Written in percent, as `p99.9`; a quantile is a share. Rounded, as 99.9 / 100 is 0.9990000000000001.
      const percent = parseNumber(percentile.replace(/^p/, ''));
      const microseconds = parseNumber(text);
      if (percent === undefined || microseconds === undefined || percent < 0 || percent > 100) continue;
      latency.set(Number((percent / 100).toPrecision(12)), microseconds);
    }
    found.set(command, latency);
  }
  return found;
}
