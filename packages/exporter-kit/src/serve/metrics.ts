import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Gatherer } from '../collect/gather.ts';
import type { Snapshot } from '../collect/snapshot.ts';
import { encode } from '../encode/encode.ts';
import type { Encoding } from '../encode/encoding.ts';
import { acceptsGzip, negotiate } from '../encode/negotiate.ts';
import { givePage, type Page } from '../encode/page.ts';
import type { Answer, Asked } from './answer.ts';
import { deadlineOf, type Patience } from './deadline.ts';

const compress = promisify(gzip);

// Below this, gzip costs more time than it saves; a single answer up to the other size is sent with its length.
const GZIP_FROM = 4 * 1024;
const WHOLE_UP_TO = 1024 * 1024;

/** Answers a scrape: gathers until the scraper's deadline, in the format and compression it asks for. */
export async function metrics(gatherer: Gatherer, asked: Asked, patience: Patience): Promise<Answer> {
  const deadline = deadlineOf(asked.header('x-prometheus-scrape-timeout-seconds'), performance.now(), patience);
  const format = negotiate(asked.header('accept'));
  const { snapshot } = await gatherer.gather({ deadline, signal: asked.signal });
  const headers = { 'content-type': format.contentType, vary: 'Accept, Accept-Encoding' };
  return acceptsGzip(asked.header('accept-encoding'))
    ? zipped(snapshot, format.encoding, headers)
    : streamed(snapshot, format.encoding, headers);
}

type Headers = { readonly [name: string]: string };

/** Encodes as far as a whole answer goes, to know its length; what is longer is encoded while it is sent. */
function streamed(snapshot: Snapshot, encoding: Encoding, headers: Headers): Answer {
  const pages = releasing(snapshot, encoding);
  const first: Page[] = [];
  let size = 0;
  while (size <= WHOLE_UP_TO) {
    const next = pages.next();
    if (next.done) {
      return { status: 200, headers: { ...headers, 'content-length': String(size) }, body: first.values() };
    }
    first.push(next.value);
    size += next.value.used;
  }
  return { status: 200, headers, body: chain(first, pages) };
}

async function zipped(snapshot: Snapshot, encoding: Encoding, headers: Headers): Promise<Answer> {
  const parts: Buffer[] = [];
  for (const page of releasing(snapshot, encoding)) {
    parts.push(Buffer.from(page.bytes.subarray(0, page.used)));
    givePage(page);
  }
  const whole = Buffer.concat(parts);
  if (whole.length < GZIP_FROM) {
    return { status: 200, headers: { ...headers, 'content-length': String(whole.length) }, body: whole };
  }
  const body = await compress(whole, { level: constants.Z_BEST_SPEED });
  return {
    status: 200,
    headers: { ...headers, 'content-encoding': 'gzip', 'content-length': String(body.length) },
    body,
  };
}

/** The pages of a snapshot, which is released when they end or the reader stops. */
function* releasing(snapshot: Snapshot, encoding: Encoding): Generator<Page, void, void> {
  try {
    yield* encode(snapshot, encoding);
  } finally {
    snapshot.release();
  }
}

function* chain(first: readonly Page[], rest: Iterable<Page>): Generator<Page, void, void> {
  yield* first;
  yield* rest;
}
