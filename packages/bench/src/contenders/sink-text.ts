import { parseText } from 'exporter-kit/exposition';
import { encodeText } from 'exporter-kit/sink';
import { pushTo } from './push-job.ts';

// The work of a sink that goes through text, before delivery.
pushTo({
  name: 'text and back',
  async deliver({ snapshot }) {
    parseText(encodeText(snapshot));
  },
});
