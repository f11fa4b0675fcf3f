/** Where to listen: a port, a Unix socket, or an inherited file descriptor. */
export type Address =
  | {
      /** Empty for all interfaces. */
      readonly host: string;
      readonly port: number;
    }
  | { readonly path: string }
  | { readonly fd: number };

/**
 * Parses `host:port`, `:port` or `[v6]:port`, like Prometheus' `--web.listen-address`, and also `unix:/path` and `fd:3`, an
 * inherited socket. Port 0 lets the system choose.
 *
 * @throws Error if `text` is not an address.
 */
export function parseAddress(text: string): Address {
  // The kernel's limit, less the terminating zero.
  const path = /^unix:(\/[^\0]{1,106})$/.exec(text)?.[1];
  if (path !== undefined) return { path };
  const fd = /^fd:(\d{1,5})$/.exec(text)?.[1];
  if (fd !== undefined && Number(fd) > 2) return { fd: Number(fd) };
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535 || match[2] === 'unix' || match[2] === 'fd') {
    throw new Error(`${JSON.stringify(text)} is not an address; write host:port, :port, [::1]:port or unix:/path.`);
  }
  return { host: match[1] ?? match[2] ?? '', port };
}

/** The inverse of {@link parseAddress}. */
export function addressText(address: Address): string {
  if ('path' in address) return `unix:${address.path}`;
  if ('fd' in address) return `fd:${address.fd}`;
  const { host, port } = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A URL that reaches the address from this host; `unix:/path` and `fd:3` stay as they are. */
export function urlOf(address: Address, secure = false): string {
  if (!('port' in address)) return addressText(address);
  const { host, port } = address;
  const reachable = host === '' || host === '::' || host === '0.0.0.0' ? 'localhost' : host;
  return `${secure ? 'https' : 'http'}://${addressText({ host: reachable, port })}/`;
}
