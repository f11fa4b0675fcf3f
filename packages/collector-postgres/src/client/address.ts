import { isIP } from 'node:net';

/** Where a server is and, as far as its address says, who connects to which database. */
export interface Address {
  /** A host name or address, or the folder of a unix socket, which begins with `/`. */
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly sslmode?: SslMode;
}

/** How a connection is encrypted and the server's certificate checked; as in libpq. */
export const sslModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof sslModes)[number];

/**
 * Parses `postgres://user:password@host:5432/database?sslmode=require`, with any part but the host left out; `host:5432`; or
 * the folder of a unix socket, `/run/postgresql`, which a URL names as `postgres:///database?host=/run/postgresql`.
 *
 * @throws Error that says what is wrong; it never contains the address, which may hold a password.
 */
export function parseAddress(text: string): Address {
  if (text.startsWith('/')) return { host: text, port: DEFAULT_PORT };
  const url = parseUrl(/^[a-z]+:\/\//i.test(text) ? text : `postgres://${text}`);
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new Error(`write postgres:// instead of ${url.protocol}//`);
  }
  const { host, port, user, password, dbname, sslmode, ...others } = Object.fromEntries(url.searchParams);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new Error(
      `the parameter ${JSON.stringify(unknown)} is not supported: host, port, user, password, dbname, sslmode are`,
    );
  }
  const path = decode(url.pathname.slice(1));
  const where = host ?? decode(url.hostname).replace(/^\[(.*)\]$/, '$1');
  if (where === '') throw new Error('it has no host');
  const parts = {
    user: user ?? decode(url.username),
    password: password ?? decode(url.password),
    database: dbname ?? path,
  };
  return {
    host: where,
    port: portOf(port ?? url.port),
    ...Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== '')),
    ...(sslmode === undefined ? {} : { sslmode: sslModeOf(sslmode) }),
  };
}

/** `host:port`, or the path of the socket. */
export function describeAddress({ host, port }: Address): string {
  if (host.startsWith('/')) return `${host}/.s.PGSQL.${port}`;
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

const DEFAULT_PORT = 5432;

function parseUrl(text: string): URL {
  // An empty host, allowed only if a parameter names one, does not parse beside a user.
  const url = URL.parse?.(text) ?? (URL.canParse(text) ? new URL(text) : null);
  if (url === null) throw new Error('it is not a valid URL: postgres://user@host:5432/database');
  return url;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('it has an invalid %-escape; write % as %25');
  }
}

function portOf(text: string): number {
  if (text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw new Error('its port is not a number from 1 to 65535');
  return port;
}

function sslModeOf(text: string): SslMode {
  const mode = sslModes.find((one) => one === text);
  if (mode === undefined) throw new Error(`its sslmode is not one of ${sslModes.join(', ')}`);
  return mode;
}
