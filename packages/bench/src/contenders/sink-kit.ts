import { textfile } from 'exporter-kit';
import { remoteWrite } from 'exporter-kit/remote-write';
import { pushTo } from './push-job.ts';
import { gateway } from './told.ts';

pushTo(gateway.startsWith('http:') ? remoteWrite(gateway) : textfile(gateway));
