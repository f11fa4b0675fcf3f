import { Gauge, Registry } from 'prom-client';
import { data, listen } from './contender.ts';

let scrapes = 0;
const register = new Registry();
const gauges = data.families.map(
  ({ name }) => new Gauge({ name, help: 'Made up.', labelNames: ['region', 'host', 'disk'], registers: [register] }),
);

listen(async (_req, res) => {
  data.turn(scrapes++);
  data.families.forEach(({ series }, i) => {
    const one = gauges[i]!;
    one.reset();
    for (const { labels, value } of series) one.set(labels, value);
  });
  const body = await register.metrics();
  res.setHeader('content-type', register.contentType).end(body);
});
