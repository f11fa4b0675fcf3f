import { runJob } from 'exporter-kit';
import { acmeWidgetJob } from './acme-widget.ts';

await runJob(acmeWidgetJob, { version: '0.1.0', timeoutMs: 3_600_000 });
