import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { uncompress } from 'snappy';
import { decodeWrite } from './schemas.ts';

export type Version = '1.0' | '2.0';

/** One series of a request: its labels in the order they came, and what is said of it. */
export interface WrittenSeries {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly { readonly value: number; readonly timeMs: number; readonly startMs?: number }[];
  readonly histograms: readonly { readonly [field: string]: unknown }[];
  readonly exemplars: readonly {
    readonly labels: { readonly [name: string]: string };
    readonly value: number;
    readonly timeMs: number;
  }[];
  readonly metadata?: { readonly type: number; readonly help: string; readonly unit: string };
  readonly createdMs?: number;
}

export interface Written {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly version: Version;
  readonly body: Buffer;
  readonly plain: Buffer;
  readonly bytes: number;
  readonly series: readonly WrittenSeries[];
}

/** How the engine answers one request: a status, a text, headers instead of those that say what was written. */
export type Reply = number | readonly [status: number, text?: string, headers?: { readonly [name: string]: string }];

export interface Engine {
  readonly url: string;
  readonly written: readonly Written[];
  close(): void;
}

/**
 * An engine that reads what is written to it, and answers one way after the other; 204 after the last. It takes both
 * versions, and says by 2.0 how much it has written.
 */
export async function startEngine(replies: readonly Reply[] = []): Promise<Engine> {
  const written: Written[] = [];
  const server = createServer(async (req, res) => {
    const body = await buffer(req);
    const plain = (await uncompress(body)) as Buffer;
    const { method = '', url: path = '', headers } = req;
    const [status, text, own] = [replies[written.length] ?? 204].flat() as [number, string?, Record<string, string>?];
    const version = headers['content-type']?.includes('write.v2.Request') ? '2.0' : '1.0';
    const series = readRequest(plain, version);
    written.push({ method, path, headers, version, body, plain, bytes: plain.length, series });
    res.writeHead(status, own ?? (version === '2.0' && status < 300 ? writtenHeaders(series) : {})).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    written,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The headers of an engine that has written everything. */
export function writtenHeaders(series: readonly WrittenSeries[]): { [name: string]: string } {
  const count = (of: 'samples' | 'histograms' | 'exemplars') => String(series.flatMap((one) => one[of] as []).length);
  return {
    'X-Prometheus-Remote-Write-Samples-Written': count('samples'),
    'X-Prometheus-Remote-Write-Histograms-Written': count('histograms'),
    'X-Prometheus-Remote-Write-Exemplars-Written': count('exemplars'),
  };
}

interface DecodedLabels {
  readonly labels?: readonly { readonly name?: string; readonly value?: string }[];
  readonly labelsRefs?: readonly number[];
}

interface DecodedSeries extends DecodedLabels {
  readonly samples: readonly {
    readonly value?: number;
    readonly timestamp: number;
    readonly startTimestamp?: number;
  }[];
  readonly histograms: WrittenSeries['histograms'];
  readonly exemplars: readonly (DecodedLabels & { readonly value?: number; readonly timestamp: number })[];
  readonly metadata?: { readonly type?: number; readonly helpRef?: number; readonly unitRef?: number };
  readonly createdTimestamp?: number;
}

interface DecodedRequest {
  readonly symbols?: readonly string[];
  readonly timeseries: readonly DecodedSeries[];
}

/** The series of an uncompressed request. */
export function readRequest(bytes: Uint8Array, version: Version = '1.0'): WrittenSeries[] {
  const { symbols = [], timeseries } = decodeWrite(version, bytes) as DecodedRequest;
  if (version === '2.0' && symbols[0] !== '') throw new Error('the first symbol must be empty');
  if (new Set(symbols).size !== symbols.length) throw new Error('a symbol is there twice');
  const symbol = (ref = 0): string => symbols[ref] ?? fail(`symbol ${ref} is not there`);
  const pairsOf = ({ labels = [], labelsRefs = [] }: DecodedLabels): [string, string][] =>
    version === '1.0'
      ? labels.map(({ name = '', value = '' }) => [name, value])
      : Array.from({ length: labelsRefs.length / 2 }, (_, i) => [
          symbol(labelsRefs[2 * i]),
          symbol(labelsRefs[2 * i + 1]),
        ]);
  return timeseries.map((one): WrittenSeries => {
    const { metadata, createdTimestamp } = one;
    return {
      labels: pairsOf(one),
      samples: one.samples.map(({ value = 0, timestamp, startTimestamp }) => ({
        value,
        timeMs: timestamp,
        ...(startTimestamp === undefined ? {} : { startMs: startTimestamp }),
      })),
      histograms: one.histograms,
      exemplars: one.exemplars.map((exemplar) => ({
        labels: Object.fromEntries(pairsOf(exemplar)),
        value: exemplar.value ?? 0,
        timeMs: exemplar.timestamp,
      })),
      ...(metadata && {
        metadata: { type: metadata.type ?? 0, help: symbol(metadata.helpRef), unit: symbol(metadata.unitRef) },
      }),
      ...(createdTimestamp === undefined ? {} : { createdMs: createdTimestamp }),
    };
  });
}

function fail(problem: string): never {
  throw new Error(problem);
}
