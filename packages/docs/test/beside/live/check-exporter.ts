import { run } from 'exporter-kit';
import { shopExporter } from './tuned-exporter.ts';

await run(shopExporter, { port: 9400 });
