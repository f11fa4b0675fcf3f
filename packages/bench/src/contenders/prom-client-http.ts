import type { RequestListener } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Registry } from 'prom-client';

const compress = promisify(gzip);

/** Serves prom-client as is usual: node:http, and zlib.gzip if the scraper accepts it. */
export function promClientListener(registry: Registry, beforeEach: () => void = () => {}): RequestListener {
  return async (req, res) => {
    beforeEach();
    const body = await registry.metrics();
    res.setHeader('content-type', registry.contentType);
    if (!req.headers['accept-encoding']?.includes('gzip')) res.end(body);
    else res.setHeader('content-encoding', 'gzip').end(await compress(body));
  };
}
