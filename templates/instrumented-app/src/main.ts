import { runViews, serve } from 'exporter-kit';
import { acmeWidgetExporter } from './exporter.ts';
import { fail } from './fail.ts';
import { firstSignal } from './first-signal.ts';
import { metrics } from './metrics.ts';
import { acmeWidget } from './server.ts';
import { settings } from './settings.ts';

const app = acmeWidget();
const exporter = acmeWidgetExporter(metrics, app.http);
if (process.argv[2] === 'views') await runViews(exporter, { port: 19997 });
const { host, port, ...options } = settings();
await app.listen(port, host).catch(fail);
const { url, close } = await serve(exporter, options).catch(fail);
console.log(`listening app=${app.url} address=${url}`);

await firstSignal('SIGTERM', 'SIGINT');
await app.close();
// Last, so that a scrape can still read what the last requests counted.
await close();
