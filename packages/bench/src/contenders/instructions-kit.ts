import { nodeListener } from 'exporter-kit';
import { collectorsExporter } from './collectors.ts';
import { answerUnserved } from './unserved.ts';

await answerUnserved((source) => nodeListener(collectorsExporter(source)));
