import { golden } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { redisCollectors } from './collectors.ts';

const head = `# Families of collector-redis

Made by a test from the declarations. The clean name is shown where it differs. Of two types, the second is that of the clean name.

`;
const tail = `
Families that are known at run time only:

- \`latencystats\`: \`redis_latency_percentiles_usec\`, clean \`redis_command_latency_percentiles_seconds\`, a summary by \`cmd\`
  whose quantiles are the server's setting \`latency-tracking-info-percentiles\`.
- \`cluster\`: a gauge for each other field of CLUSTER INFO, such as \`redis_cluster_stats_messages_ping_sent\`; under clean names
  \`redis_cluster_typed_messages_sent_total\` and \`…_received_total\`, counters by \`type\`.
`;

it('are listed in FAMILIES.md', () => {
  const clean = redisCollectors({ names: 'clean' });
  const sections = redisCollectors().map((collector, i) => {
    const rows = Object.entries(collector.metrics).map(([key, metric]) => {
      const other = clean[i]!.metrics[key]!;
      const labels = metric.labels.map(({ name }) => `\`${name}\``).join(', ');
      const kinds = metric.kind === other.kind ? metric.kind : `${metric.kind}, ${other.kind}`;
      const name = metric.name === other.name ? '' : `\`${other.name}\``;
      return `| \`${metric.name}\` | ${name} | ${kinds} | ${labels} | ${other.help} |`;
    });
    const table = ['| classic | clean | type | labels | |', '|---|---|---|---|---|', ...rows].join('\n');
    return rows.length === 0 ? '' : `## ${collector.name}\n\n${table}\n`;
  });
  golden(head + sections.filter(Boolean).join('\n') + tail, new URL('../FAMILIES.md', import.meta.url));
});

it('have a name each, and a unit that is theirs under clean names', () => {
  for (const names of ['classic', 'clean'] as const) {
    const all = redisCollectors({ names }).flatMap(({ metrics }) => Object.values(metrics));
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all.every(({ name }) => name.startsWith('redis_'))).toBe(true);
    if (names === 'clean') {
      expect(
        all.map(({ name }) => name).filter((name) => /_(sec|usec|ms|percentage|milliseconds|perc)(_|$)/.test(name)),
      ).toEqual([]);
    }
  }
});
