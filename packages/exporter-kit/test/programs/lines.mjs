import { exporter, run } from 'exporter-kit';
import { answer, lines } from './lines-source.mjs';

await run(exporter({ name: 'lines_exporter', collectors: [answer], probes: [lines] }), { port: 0 });
