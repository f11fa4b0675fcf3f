import { runJob, stdout } from 'exporter-kit';
import { acmeWidgetJob } from './acme-widget.ts';

// Printed, until a flag says where to push.
await runJob(acmeWidgetJob, { version: '0.1.0', to: [stdout()] });
