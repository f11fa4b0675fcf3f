import { Agent, get } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** What was asked of a contender, and what came back. */
export interface Answer {
  readonly bytes: number;
  /** From the request until the last byte. */
  readonly wallMs: number;
}

/** A scraper with its own connections, at most `connections` of them, kept alive. */
export interface Scraper {
  /** @throws Error when the answer is not a 200 */
  scrape(url: string): Promise<Answer>;
  /** As above, with the text, unpacked. */
  read(url: string): Promise<string>;
  close(): void;
}

export function scraper(headers: { readonly [name: string]: string } = {}, connections = 1): Scraper {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });

  function request(url: string, onData: (chunk: Buffer) => void): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const req = get(url, { agent, headers }, (res) => {
        if (res.statusCode !== 200) reject(new Error(`${url} answered ${res.statusCode}`));
        res.on('data', onData).on('error', reject);
        res.on('end', () => resolve(res.headers['content-encoding'] === 'gzip'));
      });
      // Closed for being idle at the very moment it was used again: Prometheus asks once more, too.
      req.on('error', (error) => (req.reusedSocket ? resolve(request(url, onData)) : reject(error)));
    });
  }

  return {
    async scrape(url) {
      let bytes = 0;
      const from = performance.now();
      await request(url, (chunk) => {
        bytes += chunk.length;
      });
      return { bytes, wallMs: performance.now() - from };
    },
    async read(url) {
      const chunks: Buffer[] = [];
      const zipped = await request(url, (chunk) => void chunks.push(chunk));
      const whole = Buffer.concat(chunks);
      return (zipped ? gunzipSync(whole) : whole).toString('utf8');
    },
    close: () => agent.destroy(),
  };
}
