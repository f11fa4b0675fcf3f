import { denied, gauge, source } from 'exporter-kit';
import { secret, z } from 'exporter-kit/config';
import { parseAddress } from './client/address.ts';
import { connect } from './client/connect.ts';
import { type CommandStats, commandStats } from './parse/command-stats.ts';
import { type Info, parseInfo } from './parse/info.ts';
import { textOf } from './parse/reply.ts';

/** What is read of a server once a scrape, for all collectors. */
export interface Reading {
  readonly info: Info;
  readonly commands: readonly CommandStats[];
}

/** Parses a reply to INFO, for `scrape(collector, { reading })` in tests. */
export function readingOf(text: string): Reading {
  const info = parseInfo(text);
  return { info, commands: commandStats(info) };
}

const tls = z.object({
  caFile: z.string().optional().describe('CA certificates to trust, in PEM; default: those of Node.'),
  certFile: z.string().optional().describe('Client certificate, in PEM.'),
  keyFile: z.string().optional().describe('Key of the client certificate, in PEM.'),
  serverName: z.string().optional().describe("Name in the server's certificate; default: the host of the address."),
  skipVerify: z.boolean().default(false).describe("Whether any server's certificate is accepted."),
});

const config = z.object({
  addr: z
    .string()
    .default('redis://127.0.0.1:6379')
    .superRefine((text, { addIssue }) => {
      try {
        parseAddress(text);
      } catch (error) {
        addIssue((error as Error).message);
      }
    })
    .describe('Address: redis://host:6379, rediss://host:6379 for TLS, or unix:///path.'),
  user: z.string().optional().describe('ACL user; default: the default user.'),
  password: secret().optional().describe('Password of the user.'),
  tls: tls.prefault({}),
});

/** A Redis or Valkey server. `redis_up` says whether it answered INFO. */
export const redis = source({
  name: 'redis',
  up: gauge({ name: 'redis_up', help: 'Whether the server answered INFO in this scrape.' }),
  label: 'server',
  config,
  target: 'addr',
  open: ({ config: { addr, ...credentials }, resolve, signal }) =>
    orDenied(connect(parseAddress(addr), { ...credentials, resolve, signal })),
  async read({ client, signal }): Promise<Reading> {
    const all = await orDenied(client.command(['INFO', 'everything'], { signal, beginsScrape: true }));
    // Some servers of other make only know `INFO`.
    const info = all === '' ? await client.command(['INFO'], { signal }) : all;
    const reading = readingOf(textOf(info, 'INFO'));
    if (reading.info.fields.size === 0) throw new Error('INFO: the reply has no fields; this is no Redis server.');
    return reading;
  },
  close: (client) => client.close(),
});

/** A wrong password, tried again and again, may lock the account. */
async function orDenied<T>(attempt: Promise<T>): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof Error && /^(WRONGPASS|NOAUTH|NOPERM)\b/.test(error.message)) denied(error.message);
    throw error;
  }
}
