import { parseText } from 'exporter-kit/exposition';
import { encodeText } from 'exporter-kit/sink';
import { pushTo } from './push-job.ts';

// What a sink that goes through text has to do before it delivers anything.
pushTo({
  name: 'text and back',
  async deliver({ snapshot }) {
    parseText(encodeText(snapshot));
  },
});
