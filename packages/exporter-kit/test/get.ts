import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** What a server has answered. */
export interface Got {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: Buffer;
  /** The body as text, unzipped where it was zipped. */
  readonly text: string;
}

/** What Prometheus 2.42 sends. */
export const scraper = {
  accept:
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  'accept-encoding': 'gzip',
  'x-prometheus-scrape-timeout-seconds': '10',
};

/** Asks on a connection of its own, by node:http: `fetch` asks for gzip by itself and unpacks it. */
export async function get(
  url: string,
  headers: { readonly [name: string]: string } = {},
  method = 'GET',
  signal?: AbortSignal,
): Promise<Got> {
  const req = request(url, { method, headers, agent: false, ...(signal === undefined ? {} : { signal }) });
  req.end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of res) parts.push(part);
  const body = Buffer.concat(parts);
  return {
    status: res.statusCode ?? 0,
    headers: res.headers,
    body,
    get text() {
      return (res.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
    },
  };
}

/** The lines that start so. */
export function samplesOf(text: string, start: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(start));
}

/** The value of one series, named as its line begins: `name{label="value"}`. */
export function valueIn(text: string, series: string): number | undefined {
  const [line] = samplesOf(text, `${series} `);
  return line === undefined ? undefined : Number(line.slice(series.length));
}
