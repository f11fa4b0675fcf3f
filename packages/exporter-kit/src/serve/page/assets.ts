import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { acceptsGzip } from '../../encode/negotiate.ts';
import { type HttpRequest, type HttpResponse, textResponse } from '../answer/http-message.ts';

const types: { readonly [name: string]: string } = {
  'script.js': 'text/javascript; charset=utf-8',
  'style.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

// The build puts them beside the file that this one becomes part of.
const folder = new URL(
  import.meta.url.endsWith('/src/serve/page/assets.ts') ? '../../../dist/page/' : './page/',
  import.meta.url,
);

interface Asset {
  readonly plain: Uint8Array;
  readonly zipped: Uint8Array;
  readonly tag: string;
}

let loading: Promise<ReadonlyMap<string, Asset>> | undefined;

async function load(): Promise<ReadonlyMap<string, Asset>> {
  const { gzipSync } = await import('node:zlib');
  const names = Object.keys(types);
  const files = await Promise.all(names.map((name) => readFile(new URL(name, folder))));
  return new Map(
    files.map((plain, i) => {
      const tag = createHash('sha256').update(plain).digest('hex').slice(0, 16);
      return [names[i]!, { plain, zipped: gzipSync(plain, { level: 9 }), tag }];
    }),
  );
}

async function assets(): Promise<ReadonlyMap<string, Asset>> {
  loading ??= load();
  try {
    return await loading;
  } catch (cause) {
    loading = undefined;
    // A bundler follows imports, and these are files.
    const bundled = 'if this program was bundled, copy them there, as the page "Bundling" of the documents says';
    throw new Error(`the files of pages are not in ${fileURLToPath(folder)}; ${bundled}`, { cause });
  }
}

/** A version for URLs, so that a new build is not mistaken for one in a browser's cache. */
export async function assetVersion(): Promise<string> {
  const all = await assets();
  return [...all.values()].map(({ tag }) => tag.slice(0, 4)).join('');
}

/** The script, style or icon of pages. */
export async function assetResponse(request: HttpRequest): Promise<HttpResponse> {
  const name = request.path.slice('/-/page/'.length);
  const found = (await assets()).get(name);
  if (found === undefined) return textResponse(404, 'not found\n');
  const isZipped = acceptsGzip(request.header('accept-encoding'));
  const headers = {
    'content-type': types[name]!,
    // Behind the server's authentication: not for shared caches.
    'cache-control': request.query.has('v') ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
    etag: `"${found.tag}"`,
    vary: 'Accept-Encoding',
  };
  if (request.header('if-none-match') === headers.etag) return { status: 304, headers, body: '' };
  const body = isZipped ? found.zipped : found.plain;
  return {
    status: 200,
    headers: {
      ...headers,
      'content-length': String(Buffer.byteLength(body)),
      ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
    },
    body: [body],
  };
}
