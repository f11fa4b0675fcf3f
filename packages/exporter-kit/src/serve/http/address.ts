/** Where to listen: on a port, on a socket in the file system, or on one that is open already. */
export type Address =
  | {
      /** '' means all interfaces. */
      readonly host: string;
      readonly port: number;
    }
  | { readonly path: string }
  | { readonly fd: number };

/**
 * Reads `host:port`, `:port` or `[v6]:port`, as Prometheus' `--web.listen-address` has it; beyond that `unix:/path` and, for
 * a socket that the process has inherited, `fd:3`. Port 0 lets the system choose.
 *
 * @throws Error when it is none of these.
 */
export function parseAddress(text: string): Address {
  // What the kernel has room for, less the zero at the end.
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

/** The address as it is written. */
export function addressText(address: Address): string {
  if ('path' in address) return `unix:${address.path}`;
  if ('fd' in address) return `fd:${address.fd}`;
  const { host, port } = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The address as part of a URL that reaches it from here; a socket without a port as itself. */
export function urlOf(address: Address, secure = false): string {
  if (!('port' in address)) return addressText(address);
  const { host, port } = address;
  const reachable = host === '' || host === '::' || host === '0.0.0.0' ? 'localhost' : host;
  return `${secure ? 'https' : 'http'}://${addressText({ host: reachable, port })}/`;
}
