import { gauge, source } from 'exporter-kit';
import { secret, z } from 'exporter-kit/config';
import { connect } from './client.ts';
import { parseReply } from './reply.ts';

/** An Acme Widget server, at `--acme_widget.url`. `acme_widget_up` says whether it answered. */
export const acmeWidgetSource = source({
  name: 'acme_widget',
  up: gauge({ name: 'acme_widget_up', help: 'Whether the server answered in this scrape.' }),
  // Each key is a flag of the exporter that uses a collector of this source, and an environment variable.
  config: z.object({
    url: z
      .url({ protocol: /^https?$/ })
      .default('http://127.0.0.1:8080')
      .describe('URL of the server; without a path, /status is read.'),
    token: secret().optional().describe('Bearer token for the server.'),
  }),
  target: 'url',
  open: ({ config: { url, token }, resolve }) => connect(new URL(url), token, resolve),
  read: async ({ client, signal }) => parseReply(await client.status(signal)),
  close: (client) => client.close(),
});
