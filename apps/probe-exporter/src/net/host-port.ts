import type { Destination } from 'exporter-kit';

/**
 * Reads `host:port` or `[v6]:port`.
 *
 * @param port default; without it, the target must have a port
 * @throws Error if the target is neither.
 */
export function readHostPort(target: string, scheme: string, port?: number): Destination {
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(target);
  const [, bracketed, plain, written = port] = match ?? [];
  const host = bracketed ?? plain;
  const number = Number(written);
  if (host === undefined || !(number >= 1 && number <= 65535)) {
    // A bare IPv6 address.
    if (port !== undefined && /^[0-9a-f:.]+:[0-9a-f:.]*(%\w+)?$/i.test(target)) return { host: target, port, scheme };
    throw new Error(`the target is not a host${port === undefined ? ':port' : ''}; write example.com:443 or [::1]:443`);
  }
  return { host, port: number, scheme };
}
