import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Resolve } from 'exporter-kit';
import { type Address, parseAddress, type SslMode } from './address.ts';

/** Settings of a target; what its URL says as well gives way to them. */
export interface LoginSettings {
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database?: string | undefined;
  readonly sslmode?: SslMode | undefined;
  /** Paths of PEM files. */
  readonly sslrootcert?: string | undefined;
  readonly sslcert?: string | undefined;
  readonly sslkey?: string | undefined;
}

/** All that is needed to connect. Nothing is taken from the environment: PGPASSWORD is not meant for every probed host. */
export interface Login {
  readonly address: Address;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly sslmode: SslMode;
  /** Absent if the connection is not encrypted. */
  readonly tls?: ConnectionOptions;
  /** The folder of a unix socket, or the network addresses to try, in order. */
  readonly hosts: readonly string[];
}

/** Reads the files and resolves the host that settings name. @throws Error if one can't be read or resolved. */
export async function loginOf(settings: LoginSettings, resolve: Resolve): Promise<Login> {
  const address = parseAddress(settings.url);
  const user = settings.user ?? address.user ?? 'postgres';
  const sslmode = settings.sslmode ?? address.sslmode ?? 'prefer';
  const unix = address.host.startsWith('/');
  const login = {
    address,
    user,
    password: settings.password ?? address.password ?? '',
    database: settings.database ?? address.database ?? user,
    sslmode,
  };
  if (unix) return { ...login, hosts: [address.host] };
  const [tls, { addresses }] = await Promise.all([
    tlsOf(sslmode, address.host, settings),
    resolve({ host: address.host, port: address.port, scheme: 'postgres' }),
  ]);
  return { ...login, hosts: addresses.map((one) => one.address), ...(tls === undefined ? {} : { tls }) };
}

async function tlsOf(mode: SslMode, host: string, files: LoginSettings): Promise<ConnectionOptions | undefined> {
  if (mode === 'disable') return undefined;
  const [ca, cert, key] = await Promise.all(
    [files.sslrootcert, files.sslcert, files.sslkey].map((file) => (file === undefined ? undefined : readFile(file))),
  );
  return {
    ...(isIP(host) ? { host } : { servername: host }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: mode.startsWith('verify'),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}
