import { spawnSync } from 'node:child_process';
import { crc32, gunzipSync, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { exporter, fetchHandler } from '../../src/index.ts';
import { get, samplesOf, scraper } from '../get.ts';
import { many, serving } from '../serving.ts';

// Without what is about the exporter, which changes from scrape to scrape.
const fixed = '?name[]=size_bytes';
const gzip = { 'accept-encoding': 'gzip' };

it('answers alike, however it is sent', async () => {
  for (const size of [0, 3, 100, 12_000, 60_000]) {
    const collectors = [many(size)];
    const url = (await serving(collectors)) + fixed;
    const handler = fetchHandler(exporter({ name: 'test_exporter', collectors }));
    for (const accept of [{}, { accept: scraper.accept }] as { accept?: string }[]) {
      const [plain, zipped, head] = [
        await get(url, { ...accept }),
        await get(url, { ...accept, ...gzip }),
        await get(url, { ...accept }, 'HEAD'),
      ];
      const fetched = await handler(new Request(`http://localhost/metrics${fixed}`, { headers: accept }));
      expect(samplesOf(plain.text, 'size_bytes{').length).toBe(size);
      expect(plain.text.endsWith('# EOF\n')).toBe(accept.accept !== undefined);
      expect(zipped.text === plain.text).toBe(true);
      expect((await fetched.text()) === plain.text).toBe(true);
      expect(head.headers['content-length']).toBe(plain.headers['content-length']);
      expect(head.headers['content-type']).toBe(plain.headers['content-type']);
      // Up to a size it is whole, and its length is known.
      if (size < 10_000) expect(plain.headers['content-length']).toBe(String(plain.body.length));
      if (size > 50_000) expect(plain.headers['transfer-encoding']).toBe('chunked');
    }
  }
});

describe('gzip', () => {
  it.each([
    ['gzip', true],
    ['GZIP', true],
    ['gzip;q=1.0', true],
    ['gzip;q=0.001', true],
    ['gzip ; q = 0.5', true],
    ['deflate, gzip;q=1.0, *;q=0.5', true],
    ['br;q=1.0, gzip;q=0.8, *;q=0.1', true],
    ['identity;q=0.5, gzip;q=0.5', true],
    ['*', true],
    ['gzip;q=0', false],
    ['gzip;q=0.000', false],
    ['gzip;q=0, *', false],
    ['identity, gzip;q=0.5', false],
    ['identity', false],
    ['br, deflate', false],
    ['notgzip', false],
    ['gzipped', false],
    ['x-gzip2', false],
    ['gzip;q=2', false],
    ['', false],
  ])('is given for %j: %s', async (header, given) => {
    const got = await get((await serving([many(300)])) + fixed, { 'accept-encoding': header });
    expect(got.status).toBe(200);
    expect(got.headers['content-encoding']).toBe(given ? 'gzip' : undefined);
    expect(got.headers.vary).toBe('Accept, Accept-Encoding');
    expect(samplesOf(got.text, 'size_bytes{').length).toBe(300);
  });

  it('is not asked for by no header', async () => {
    expect((await get(await serving([many(300)]))).headers['content-encoding']).toBeUndefined();
  });

  it('starts at a size', async () => {
    const zipped = async (gzipFrom?: number): Promise<unknown> =>
      (await get((await serving([many(30)], gzipFrom === undefined ? {} : { gzipFrom })) + fixed, gzip)).headers[
        'content-encoding'
      ];
    expect(await zipped()).toBeUndefined();
    expect(await zipped(100)).toBe('gzip');
    expect(await zipped(1)).toBe('gzip');
    expect(await zipped(1e9)).toBeUndefined();
  });

  it('has levels', async () => {
    const size = async (gzipLevel: number): Promise<number> => {
      const got = await get((await serving([many(20_000)], { gzipLevel })) + fixed, gzip);
      expect(samplesOf(got.text, 'size_bytes{').length).toBe(20_000);
      expect(got.headers['content-encoding']).toBe(gzipLevel === 0 ? undefined : 'gzip');
      return got.body.length;
    };
    const [none, fast, small] = [await size(0), await size(1), await size(9)];
    expect(fast).toBeLessThan(none / 4);
    expect(small).toBeLessThan(fast);
  });

  it('is one member, right to its last byte', async () => {
    const url = (await serving([many(40_000)])) + fixed;
    const [{ body: plain }, { body }] = [await get(url), await get(url, gzip)];
    expect(gunzipSync(body).equals(plain)).toBe(true);
    expect([...body.subarray(0, 4)]).toEqual([0x1f, 0x8b, 8, 0]);
    const { buffer, engine } = inflateRawSync(body.subarray(10), { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    expect(buffer.equals(plain)).toBe(true);
    expect(engine.bytesWritten).toBe(body.length - 18);
    expect(body.readUInt32LE(body.length - 8)).toBe(crc32(plain));
    expect(body.readUInt32LE(body.length - 4)).toBe(plain.length);
  });

  const python = spawnSync('python3', ['--version']).status === 0;
  it.skipIf(!python)('is read by Python', async () => {
    const url = (await serving([many(40_000)])) + fixed;
    const [{ body: plain }, { body }] = [await get(url), await get(url, gzip)];
    const script = `
import sys, zlib
d = zlib.decompressobj(wbits=31)
sys.stdout.buffer.write(d.decompress(sys.stdin.buffer.read()) + d.flush())
assert d.eof and d.unused_data == b''`;
    const { status, stdout, stderr } = spawnSync('python3', ['-c', script], { input: body, maxBuffer: 2 ** 26 });
    expect([status, String(stderr)]).toEqual([0, '']);
    expect(stdout.equals(plain)).toBe(true);
  });
});
