import type { ServerResponse } from 'node:http';
import type { Family } from '../data/families.ts';
import type { Series } from '../data/gauges.ts';
import { listen } from './obey.ts';
import { gauges, kind } from './told.ts';
import { waitingOf } from './waiting.ts';

// Baseline for scrapes: node:http with the whole answer in memory. Commands change it, which is not measured. Where collectors
// wait, it waits for the same things.
const { source, duties } = gauges();
let body = Buffer.alloc(0);

function text({ name, series }: Family<Series>): string {
  const lines = series.map(
    ({ labels: { region, host, disk }, value }) =>
      `${name}{region="${region}",host="${host}",disk="${disk}"} ${value}\n`,
  );
  return `# HELP ${name} Made up.\n# TYPE ${name} gauge\n${lines.join('')}`;
}

const waits = kind === 'waiting' ? source.names.flatMap((_, f) => waitingOf(f) ?? []) : [];

async function answer(res: ServerResponse): Promise<void> {
  await Promise.all(waits.map((wait) => wait()));
  res.setHeader('content-type', 'text/plain; version=0.0.4').end(body);
}

listen((_req, res) => void answer(res), {
  ...duties,
  turn(n) {
    source.turn(n);
    body = Buffer.from(source.read().map(text).join(''));
  },
});
