import { Agent, get } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** A scrape of a contender. */
export interface Answer {
  readonly bytes: number;
  /** From the request to the last byte. */
  readonly wallMs: number;
}

/** A scraper with at most `connections` keep-alive connections. */
export interface Scraper {
  /** @throws Error if the status is not 200. */
  scrape(url: string): Promise<Answer>;
  /** As above, with the decompressed text. */
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
      // The server closed the idle connection just as it was reused; Prometheus retries, too.
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
