import { serve } from 'exporter-kit';
import { acmeWidgetExporter } from './exporter.ts';
import { fail } from './fail.ts';
import { firstSignal } from './first-signal.ts';
import { metrics } from './metrics.ts';
import { acmeWidget } from './server.ts';
import { settings } from './settings.ts';

const { host, port, ...options } = settings();
const app = acmeWidget();
await app.listen(port, host).catch(fail);
const { url, close } = await serve(acmeWidgetExporter(metrics, app.http), options).catch(fail);
console.log(`listening app=${app.url} address=${url}`);

await firstSignal('SIGTERM', 'SIGINT');
await app.close();
// Last, so that a scrape can still read what the last requests counted.
await close();
