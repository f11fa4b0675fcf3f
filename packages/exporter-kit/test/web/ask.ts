import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as plainRequest } from 'node:http';
import { type RequestOptions, request as secureRequest } from 'node:https';
import { connect } from 'node:net';

/** What came back: a status and its headers, or `refused` where there was no answer in HTTP. */
export interface Answered {
  readonly status: number | 'refused';
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The certificate that was shown, as a digest. */
  readonly fingerprint?: string;
}

/** Asks once, on a connection of its own. */
export async function askOnce(url: string, options: RequestOptions = {}): Promise<Answered> {
  const request = url.startsWith('https') ? secureRequest : plainRequest;
  const req = request(url, { agent: false, ...options });
  req.end();
  try {
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of res) parts.push(part as Buffer);
    const { socket } = res as unknown as { socket: { getPeerX509Certificate?(): { fingerprint256: string } } };
    const fingerprint = socket.getPeerX509Certificate?.()?.fingerprint256;
    return {
      status: res.statusCode!,
      headers: res.headers,
      text: Buffer.concat(parts).toString(),
      ...(fingerprint === undefined ? {} : { fingerprint }),
    };
  } catch {
    return { status: 'refused', headers: {}, text: '' };
  }
}

/** The header of a user with a password. */
export const basic = (user: string, password: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

/** Sends bytes as they are, and gives all that comes back until the other end closes, or an error's code. */
export async function raw(url: string, bytes: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const got: Buffer[] = [];
  socket.on('data', (part) => got.push(part));
  let failed = '';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failed = error.code ?? 'error';
  });
  socket.write(bytes);
  await once(socket, 'close').catch(() => {});
  return got.length > 0 ? Buffer.concat(got).toString('latin1') : failed;
}
