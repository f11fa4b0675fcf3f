/** Where a server listens. */
export type Address = { readonly database: number } & (
  | { readonly path: string }
  | { readonly path?: never; readonly host: string; readonly port: number; readonly tls: boolean }
);

const tlsByScheme: { readonly [scheme: string]: boolean } = {
  'redis:': false,
  'valkey:': false,
  'rediss:': true,
  'valkeys:': true,
};

/**
 * Parses `redis://host:6379/0`, `rediss://…` for TLS, `unix:///path?db=0`, or `host:port`.
 *
 * @throws Error for anything else; its message repeats nothing of the text, which may hold a password.
 */
export function parseAddress(text: string): Address {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `redis://${text}`;
  if (!URL.canParse(full)) throw new Error('not an address; write redis://host:6379 or unix:///path.');
  const url = new URL(full);
  if (url.username !== '' || url.password !== '')
    throw new Error('credentials do not belong into the address; use user and password, or password-file.');
  if (url.protocol === 'unix:') {
    if (url.host !== '' || url.pathname.length < 2) throw new Error('write unix:///path, with three slashes.');
    return { path: decodeURIComponent(url.pathname), database: databaseOf(url.searchParams.get('db') ?? '') };
  }
  const tls = tlsByScheme[url.protocol];
  if (tls === undefined) throw new Error(`unknown scheme ${url.protocol}//; use redis://, rediss:// or unix://.`);
  if (url.hostname === '') throw new Error('the host is missing; write redis://host:6379.');
  // Of other schemes than http, a URL keeps the host as it was written.
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(url.port || 6379), tls, database: databaseOf(url.pathname.slice(1)) };
}

function databaseOf(text: string): number {
  if (!/^\d{0,9}$/.test(text)) throw new Error('the database must be a number, as in redis://host:6379/0.');
  return Number(text);
}
