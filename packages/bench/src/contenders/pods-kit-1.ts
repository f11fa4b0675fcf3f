import { remoteWrite } from 'exporter-kit/remote-write';
import { pushPods } from './pods-job.ts';
import { gateway } from './told.ts';

pushPods(remoteWrite(gateway, { version: '1.0' }));
