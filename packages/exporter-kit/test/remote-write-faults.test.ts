import { describe, expect, it } from 'vitest';
import { silent } from '../src/collect/context.ts';
import { parseText } from '../src/parse/index.ts';
import { familySnapshot } from '../src/push/family-snapshot.ts';
import { type Delivery, isPermanentFailure } from '../src/push/index.ts';
import { type RemoteWriteOptions, remoteWrite } from '../src/push/remote-write/remote-write.ts';
import { type Fault, faultyGateway } from '../src/testing/index.ts';

const delivery: Delivery = {
  job: 'sync',
  grouping: {},
  mode: 'replace',
  snapshot: familySnapshot(parseText('g 1\n'), 'test'),
};

interface Row {
  readonly what: string;
  readonly script: Fault | readonly Fault[];
  /** Where all of them fail, a busy machine may have time for one less. */
  readonly attempts: number;
  /** What the user reads after the sink's name, but for the number of attempts; none when it is delivered. */
  readonly reads?: RegExp;
  readonly refused?: true;
  readonly options?: RemoteWriteOptions;
}

const status = (code: number, text = '', headers = {}): Fault => ({ status: code, text, headers });
// Where it ends well, how long that takes is the machine's matter.
const LONG = { timeoutMs: 50_000 };
const late = /^no complete response within [\d.]+ s$/;

// Four seconds are room for five attempts that fail at once, after 200, 400, 800 and 1600 ms, or for three of 1.2 s.
const rows: readonly Row[] = [
  { what: 'never answers', script: 'hang', attempts: 3, reads: late },
  { what: 'drips its answer', script: 'drip', attempts: 1 },
  { what: 'drips its head', script: 'drip-head', attempts: 3, reads: late },
  { what: 'only says to continue', script: 'continue', attempts: 3, reads: late },
  { what: 'resets', script: 'reset', attempts: 5, reads: /^read ECONNRESET$/ },
  { what: 'hangs up', script: 'empty', attempts: 5, reads: /^the connection was closed without a response$/ },
  { what: 'breaks off', script: 'truncate', attempts: 1 },
  { what: 'speaks no HTTP', script: 'garbage', attempts: 1, reads: /^the response is not HTTP$/ },
  { what: 'is a web page', script: 'page', attempts: 1, reads: /so this is not an engine/ },
  {
    what: 'redirects',
    script: status(308, '', { location: 'https://elsewhere.example/' }),
    attempts: 1,
    reads: /^redirects \(308\) to https:\/\/elsewhere\.example\/, which is not followed/,
  },
  ...[400, 405, 409, 413, 415, 422].map(
    (code): Row => ({
      what: `answers ${code}`,
      script: status(code, 'out of\norder'),
      attempts: 1,
      refused: true,
      reads: /^answered \d+: out of order$/,
    }),
  ),
  { what: 'wants credentials', script: status(401), attempts: 1, reads: /^answered 401 \(check the credentials\)$/ },
  {
    what: 'is no receiver',
    script: status(404, 'remote write receiver needs to be enabled'),
    attempts: 1,
    reads: /^answered 404: remote write receiver needs to be enabled/,
  },
  ...[500, 502, 503, 504].map(
    (code): Row => ({
      what: `answers ${code}`,
      script: status(code, 'busy'),
      attempts: 5,
      reads: /^answered \d+: busy$/,
    }),
  ),
  {
    what: 'has too much to do',
    script: status(429, '', { 'retry-after': '60' }),
    attempts: 1,
    reads: /^answered 429 .*Retry-After of 60 s exceeds the push timeout$/,
  },
  {
    what: 'says 20 MB',
    script: status(400, 'x'.repeat(20_000_000)),
    attempts: 1,
    refused: true,
    reads: /^answered 400: x{500}$/,
  },
  // Without headers that say what was written, it is asked a second time, by 1.0.
  { what: 'drips its answer to 2.0', script: 'drip', attempts: 2, options: { version: 'auto', ...LONG } },
  { what: 'breaks off its answer to 2.0', script: 'truncate', attempts: 2, options: { version: 'auto', ...LONG } },
  {
    what: 'takes no 2.0, then is busy, then accepts',
    script: [status(415), status(503), status(204)],
    attempts: 3,
    options: { version: 'auto', ...LONG },
  },
  {
    what: 'finds 2.0 corrupt',
    script: status(400, 'snappy: corrupt input'),
    attempts: 1,
    refused: true,
    reads: /^answered 400: snappy: corrupt input$/,
    options: { version: 'auto' },
  },
  {
    what: 'has too much to do for 2.0',
    script: status(429, '', { 'retry-after': '60' }),
    attempts: 1,
    reads: /^answered 429 .*Retry-After of 60 s exceeds the push timeout$/,
    options: { version: 'auto' },
  },
  { what: 'resets, is busy, accepts', script: ['reset', status(503), status(204)], attempts: 3, options: LONG },
  { what: 'hangs, accepts', script: ['hang', 'ok'], attempts: 2, options: LONG },
  {
    what: 'has too much to do for a second',
    script: [status(429, '', { 'retry-after': '1' }), 'ok'],
    attempts: 2,
    options: LONG,
  },
];

describe('an engine that', () => {
  it.concurrent.each(rows)('$what', async ({ script, attempts, reads, refused = false, options }) => {
    const faulty = await faultyGateway(script);
    const limits = { version: '1.0', timeoutMs: 4000, attemptTimeoutMs: 1200, ...options } as const;
    const sink = remoteWrite(faulty.url, limits);
    const from = performance.now();
    const error = await sink
      .deliver(delivery, { log: silent, signal: new AbortController().signal })
      .catch((thrown: Error) => thrown);
    const took = performance.now() - from;
    await faulty.close();
    // Where nothing ends it, it would go on for ever; the rest is for a busy machine.
    expect(took).toBeLessThan(limits.timeoutMs + 20_000);
    expect(isPermanentFailure(error)).toBe(refused);
    const made = faulty.received.length;
    if (reads === undefined) {
      expect(error).toBeUndefined();
      expect(made).toBe(attempts);
      return;
    }
    expect(made).toBeLessThanOrEqual(attempts);
    expect(made).toBeGreaterThanOrEqual(Math.min(attempts, 2));
    const { message } = error as Error;
    expect(message.slice(0, sink.name.length + 2)).toBe(`remote write ${faulty.url}: `);
    expect(message.includes(` (${made} attempts)`)).toBe(made > 1);
    expect(message.slice(sink.name.length + 2).replace(` (${made} attempts)`, '')).toMatch(reads);
  });

  it('is not there', async () => {
    const { url, close } = await faultyGateway('ok');
    await close();
    const sent = remoteWrite(url, { timeoutMs: 2000 }).deliver(delivery, {
      log: silent,
      signal: new AbortController().signal,
    });
    await expect(sent).rejects.toThrow(/connect ECONNREFUSED \S+ \([2-4] attempts\)$/);
  });

  it('never answers, and there is no more time', async () => {
    const { url, received, close } = await faultyGateway('hang');
    const ending = new AbortController();
    const patient = { timeoutMs: 600_000, attemptTimeoutMs: 600_000 };
    const sent = remoteWrite(url, patient).deliver(delivery, { log: silent, signal: ending.signal });
    const failed = expect(sent).rejects.toThrow(/: stopped: no more time/);
    await expect.poll(() => received.length).toBe(1);
    ending.abort(new Error('no more time'));
    // If it went on, then for minutes: longer than this test may.
    await failed;
    await close();
  });
});
