import { pushgateway } from 'exporter-kit';
import { pushTo } from './push-job.ts';
import { gateway } from './told.ts';

pushTo(pushgateway(gateway));
