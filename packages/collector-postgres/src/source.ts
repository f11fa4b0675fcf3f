import { denied, gauge, source } from 'exporter-kit';
import { secret, z } from 'exporter-kit/config';
import { parseAddress, sslModes } from './client/address.ts';
import { connect } from './client/client.ts';
import { loginOf } from './client/login.ts';
import { isServerError } from './client/session.ts';

/** What is read of a server once a scrape, for all collectors. */
export interface Reading {
  /** As PostgreSQL numbers itself: 130021, 180000. */
  readonly version: number;
  readonly isReplica: boolean;
  /** The databases to visit for what only each of them knows. */
  readonly databases: readonly string[];
}

const config = z.object({
  url: z
    .string()
    .default('postgres://127.0.0.1:5432')
    .superRefine((text, { addIssue }) => {
      try {
        parseAddress(text);
      } catch (error) {
        addIssue((error as Error).message);
      }
    })
    .describe('Server: postgres://user@host:5432/database, host:port, or the folder of its unix socket.'),
  user: z.string().optional().describe('User to connect as; default: that of the URL, else postgres.'),
  password: secret().optional().describe('Password of the user.'),
  database: z
    .string()
    .optional()
    .describe('Database to connect to; default: that of the URL, else the name of the user.'),
  sslmode: z.enum(sslModes).optional().describe('TLS, as in libpq; default: that of the URL, else prefer.'),
  sslrootcert: z.string().optional().describe('CA certificates to trust, in PEM; default: those of Node.'),
  sslcert: z.string().optional().describe('Client certificate, in PEM.'),
  sslkey: z.string().optional().describe('Key of the client certificate, in PEM.'),
  maxConnections: z.int().min(1).default(3).describe('Maximum connections at a time, to all databases together.'),
  discoverDatabases: z
    .boolean()
    .default(true)
    .describe('Whether statistics of tables and indexes are read in every database, not only in the one of the URL.'),
  excludeDatabases: z.array(z.string()).default([]).describe('Databases to leave out when they are discovered.'),
});

/** A PostgreSQL server. `pg_up` says whether it answered a query. */
export const postgres = source({
  name: 'postgres',
  up: gauge({ name: 'pg_up', help: 'Whether the server answered a query in this scrape.' }),
  label: 'server',
  config,
  target: 'url',
  async open({ config: { maxConnections, discoverDatabases, excludeDatabases, ...settings }, resolve, signal }) {
    const login = await loginOf(settings, resolve);
    const excluded = discoverDatabases ? excludeDatabases : undefined;
    try {
      return await connect(login, { maxConnections, excluded, signal });
    } catch (error) {
      // Class 28: no such user, wrong password, no entry in pg_hba.conf. 42501: no CONNECT on the database.
      if (isServerError(error) && /^(28|42501)/.test(error.code)) denied(error.message);
      throw error;
    }
  },
  async read({ client, signal }): Promise<Reading> {
    const rows = await client.query(READ, { signal, beginsScrape: true });
    const [{ version, replica } = {}] = rows;
    const others = rows.flatMap(({ datname }) => (datname == null || datname === client.database ? [] : [datname]));
    return {
      version: Number(version),
      isReplica: replica === 't',
      databases: [client.database, ...others.filter((name) => client.excluded?.includes(name) === false)],
    };
  },
  close: (client) => client.close(),
});

const READ = `
  SELECT current_setting('server_version_num') AS version, pg_is_in_recovery() AS replica, datname
  FROM (SELECT 1) AS one LEFT JOIN pg_database ON datallowconn AND NOT datistemplate
    AND has_database_privilege(oid, 'CONNECT')
  ORDER BY datname`;
