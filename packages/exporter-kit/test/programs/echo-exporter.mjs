import { exporter, run } from 'exporter-kit';
import { size, words } from './echo-source.mjs';

await run(exporter({ name: 'echo_exporter', collectors: [size, words] }), { port: 19997 });
