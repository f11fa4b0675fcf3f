import { type Agent, type IncomingHttpHeaders, request } from 'node:http';

/** A complete response. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Options of a request. */
export interface Asking {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  /** Default: a new connection. */
  readonly agent?: Agent;
}

// Longer than any request here may take.
const PATIENCE_MS = 60_000;

/**
 * Sends one request and reads the whole response.
 *
 * @throws Error if the connection ends early, or after a minute.
 */
export function ask(url: string, { method = 'GET', headers = {}, agent }: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method, headers, agent: agent ?? false, signal: AbortSignal.timeout(PATIENCE_MS) });
    req.on('error', reject).on('response', (res) => {
      const parts: Buffer[] = [];
      res.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts) }));
    });
    req.end();
  });
}
