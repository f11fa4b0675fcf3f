import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { uncompress } from 'snappy';

/** One series of a request: its labels in the order they came, and its samples. */
export interface WrittenSeries {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly { readonly bits: bigint; readonly value: number; readonly timeMs: number }[];
}

export interface Written {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly bytes: number;
  readonly series: readonly WrittenSeries[];
}

export interface Engine {
  readonly url: string;
  readonly written: readonly Written[];
  close(): void;
}

/** An engine that reads what is written to it, and answers with a status after the other; 204 after the last. */
export async function startEngine(answers: readonly (number | readonly [number, string])[] = []): Promise<Engine> {
  const written: Written[] = [];
  const server = createServer(async (req, res) => {
    const body = await buffer(req);
    const plain = (await uncompress(body)) as Buffer;
    const { method = '', url: path = '', headers } = req;
    const [status, text] = [answers[written.length] ?? 204].flat() as [number, string?];
    written.push({ method, path, headers, body, bytes: plain.length, series: readRequest(plain) });
    res.writeHead(status).end(text);
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

/** A message's fields, by number: text and messages as bytes. Anything that the specification does not have throws. */
function fieldsOf<T>(bytes: Uint8Array, read: (field: number, reader: BinaryReader) => T): T[] {
  const reader = new BinaryReader(bytes);
  const fields: T[] = [];
  while (reader.pos < reader.len) fields.push(read(reader.tag()[0], reader));
  return fields;
}

/** The series of an uncompressed request. */
export function readRequest(bytes: Uint8Array): WrittenSeries[] {
  return fieldsOf(bytes, (field, reader) => {
    if (field !== 1) throw new Error(`a request has no field ${field}`);
    const labels: [string, string][] = [];
    const samples: WrittenSeries['samples'][number][] = [];
    fieldsOf(reader.bytes(), (part, inner) => {
      if (part === 1) {
        const [name, value] = fieldsOf(inner.bytes(), (_, text) => text.string());
        labels.push([name!, value!]);
      } else {
        const sample = new BinaryReader(inner.bytes());
        sample.tag();
        const bits = sample.fixed64();
        sample.tag();
        samples.push({ bits: BigInt(bits), value: asDouble(BigInt(bits)), timeMs: Number(sample.int64()) });
      }
    });
    return { labels, samples };
  });
}

function asDouble(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}
