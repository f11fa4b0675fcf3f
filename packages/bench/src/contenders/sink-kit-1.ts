import { remoteWrite } from 'exporter-kit/remote-write';
import { pushTo } from './push-job.ts';
import { gateway } from './told.ts';

pushTo(remoteWrite(gateway, { version: '1.0' }));
