import { nodeListener } from 'exporter-kit';
import { rowsExporter } from './kit-rows.ts';
import { answerUnserved } from './unserved.ts';

await answerUnserved((source) => nodeListener(rowsExporter(source)));
