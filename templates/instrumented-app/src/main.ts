import { serve } from 'exporter-kit';
import { register } from 'prom-client';
import { acmeWidgetMetrics } from './exporter.ts';
import { fail } from './fail.ts';
import { firstSignal } from './first-signal.ts';
import { acmeWidget } from './server.ts';
import { settings } from './settings.ts';

const { host, port, ...metrics } = settings();
const app = acmeWidget(register);
await app.listen(port, host).catch(fail);
const { url, close } = await serve(acmeWidgetMetrics(register), metrics).catch(fail);
console.log(`listening app=${app.url} address=${url}`);

await firstSignal('SIGTERM', 'SIGINT');
await app.close();
// Last, so that a scrape can still read what the last requests counted.
await close();
