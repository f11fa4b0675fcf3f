import { connect, type Socket } from 'node:net';
import type { Address } from '../serve/http/address.ts';

/** What an address answered to `GET /-/healthy`. */
export interface Answer {
  readonly healthy: boolean;
  /** For a message: `503`, or why there is none. */
  readonly what: string;
}

// Not node:http: that takes a third longer to load than all else takes together.
const REQUEST =
  'GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nUser-Agent: exporter-health\r\nConnection: close\r\n\r\n';

// The last ones are from a server that is well and refuses clients without credentials, or that ask too often.
const HEALTHY = new Set([200, 401, 403, 429]);

/** Asks over HTTP, then over TLS. The certificate is not verified, as the server is on this machine, by an address. */
export async function ask(address: Address): Promise<Answer> {
  const answers: Answer[] = [];
  for (const where of waysTo(address)) {
    const plain = await askOver(connect(where), 'connect');
    if (plain.healthy) return plain;
    answers.push(plain);
    // No server of TLS answers a request in the clear with anything but 400, if at all.
    if (plain.what !== '400' && plain.what !== SILENT) continue;
    const tls = await import('node:tls');
    const secure = await askOver(tls.connect({ ...where, rejectUnauthorized: false }), 'secureConnect');
    if (secure.healthy) return secure;
    answers.push(secure);
  }
  return answers.at(-1)!;
}

/** Where all interfaces are listened on, loopback; IPv6 may be switched off. */
function waysTo(address: Address): { host: string; port: number }[] | { path: string }[] {
  if ('path' in address) return [{ path: address.path }];
  if ('fd' in address) return [];
  const { host, port } = address;
  if (host === '0.0.0.0') return [{ host: '127.0.0.1', port }];
  return host === '::' || host === '' ? ['127.0.0.1', '::1'].map((one) => ({ host: one, port })) : [{ host, port }];
}

const SILENT = 'it closed the connection without an answer';

/** @param opened the event that says that the connection is open. */
function askOver(socket: Socket, opened: 'connect' | 'secureConnect'): Promise<Answer> {
  return new Promise((resolve) => {
    let isOpen = false;
    let text = '';
    const done = (answer: Answer): void => {
      resolve(answer);
      socket.destroy();
    };
    socket.once(opened, () => {
      isOpen = true;
      socket.write(REQUEST);
    });
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      if (!text.includes('\n') && text.length < 100) return;
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
      done({ healthy: HEALTHY.has(Number(status)), what: status ?? SILENT });
    });
    const ended = (error?: Error): void => {
      // One that closes a TLS connection after the handshake wants a client certificate.
      if (isOpen) done({ healthy: opened === 'secureConnect', what: SILENT });
      else done({ healthy: false, what: error?.message ?? SILENT });
    };
    socket.once('error', ended).once('close', () => ended());
  });
}
