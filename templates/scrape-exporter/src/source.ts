import { readFile } from 'node:fs/promises';
import { gauge, source } from 'exporter-kit';
import { secret, z } from 'exporter-kit/config';
import { type Client, connect } from './client.ts';
import { parseReply } from './reply.ts';

/** A server of Acme Widget: how to open it, what to ask it at each scrape, how to close it. */
export const acmeWidgetSource = source({
  name: 'acme_widget',
  up: gauge({ name: 'acme_widget_up', help: 'Whether the server answered in this scrape.' }),
  // Each key is a flag and an environment variable of each target; --help shows its description.
  config: z.object({
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('URL of the server; without a path, /status is read. Default: a sample.'),
    token: secret().optional().describe('Bearer token for the server.'),
  }),
  target: 'url',
  open: ({ config: { url, token }, resolve }) => (url === undefined ? recorded : connect(new URL(url), token, resolve)),
  read: async ({ client, signal }) => parseReply(await client.status(signal)),
  close: (client) => client.close(),
});

/** A recorded reply, so that it runs without a server. */
const recorded: Client = {
  status: async (signal) =>
    JSON.parse(await readFile(new URL('../sample/acme-widget.json', import.meta.url), { encoding: 'utf8', signal })),
  close() {},
};
