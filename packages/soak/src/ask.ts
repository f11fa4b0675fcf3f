import { type Agent, type IncomingHttpHeaders, request } from 'node:http';

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** How to ask. */
export interface Asking {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  /** Default: a connection of its own. */
  readonly agent?: Agent;
}

// Longer than anything that is asked here may take.
const PATIENCE_MS = 30_000;

/**
 * Asks once and reads the whole answer.
 *
 * @throws Error when the connection ends before that, or after half a minute.
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
