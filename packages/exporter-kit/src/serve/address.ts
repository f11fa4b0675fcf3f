/** Where to listen. */
export interface Address {
  /** '' means all interfaces. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port`, `:port` or `[v6]:port`, as Prometheus' `--web.listen-address` has it. Port 0 lets the system choose.
 *
 * @throws Error when it is none of these.
 */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new Error(`${JSON.stringify(text)} is not an address; write host:port, :port or [::1]:port.`);
  }
  return { host: match[1] ?? match[2] ?? '', port };
}

/** The address as part of a URL that reaches it from here. */
export function urlOf({ host, port }: Address): string {
  const reachable = host === '' || host === '::' || host === '0.0.0.0' ? 'localhost' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/`;
}
