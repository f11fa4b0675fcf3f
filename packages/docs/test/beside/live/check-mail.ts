import { fetchHandler } from 'exporter-kit';
import { metrics, sent } from './mail.ts';

sent('example.org', '<7@example.org>');
const headers = { accept: 'application/openmetrics-text' };
for (const openMetricsCreated of [false, true]) {
  const handler = fetchHandler(metrics, { openMetricsCreated });
  const text = await (await handler(new Request('http://page/metrics', { headers }))).text();
  for (const line of text.split('\n'))
    if (line.startsWith('mail_sent_')) console.log(line.replace(/ [\d.]{10,}$/, ' (time)'));
}
