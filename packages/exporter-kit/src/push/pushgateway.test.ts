import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { silent } from '../collect/context.ts';
import { parseText } from '../parse/text.ts';
import { type Fault, type FaultyGateway, faultyGateway } from '../testing/faulty-gateway.ts';
import { familySnapshot } from './family-snapshot.ts';
import { isPermanentFailure } from './permanent-failure.ts';
import { groupPath, type PushgatewayOptions, pushgateway } from './pushgateway.ts';
import type { Delivery, Grouping, Mode } from './sink.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function gateway(script: Fault | readonly Fault[]): Promise<FaultyGateway> {
  const started = await faultyGateway(script);
  cleanups.push(() => started.close());
  return started;
}

const BODY = '# HELP made Up.\n# TYPE made gauge\nmade{volume="a"} 3\n';

function delivery(mode: Mode = 'replace', grouping: Grouping = {}, body = BODY): Delivery {
  return { job: 'backup', grouping, mode, snapshot: familySnapshot(parseText(body), 'test') };
}

const unhurried = {
  log: silent,
  /** Another at each delivery. */
  get signal() {
    return new AbortController().signal;
  },
};

describe('groupPath', () => {
  it.each([
    ['batch', {}, '/metrics/job/batch'],
    ['a/b', {}, '/metrics/job@base64/YS9i'],
    ['b', { instance: '' }, '/metrics/job/b/instance@base64/='],
    ['b', { path: '/var/tmp', dc: 'eu-1.a' }, '/metrics/job/b/path@base64/L3Zhci90bXA/dc/eu-1.a'],
    ['..', { x: 'a b' }, '/metrics/job@base64/Li4/x@base64/YSBi'],
    ['größe', {}, '/metrics/job@base64/Z3LDtsOfZQ'],
  ])('writes the group of %j %j as %s', (name, grouping, path) => {
    expect(groupPath(name, grouping as never)).toBe(path);
  });
});

describe('pushgateway', () => {
  it('PUTs what replaces, POSTs what is added, DELETEs what is removed', async () => {
    const { url, received } = await gateway('ok');
    const sink = pushgateway(`${url}/behind/`);
    const group = { job: 'backup', grouping: { instance: 'db1' } };
    await sink.deliver(delivery('replace', group.grouping), unhurried);
    await sink.deliver(delivery('add', group.grouping), unhurried);
    await sink.remove!(group, unhurried);
    const path = '/behind/metrics/job/backup/instance/db1';
    expect(received.map((one) => [one.method, one.path, one.text])).toEqual([
      ['PUT', path, BODY],
      ['POST', path, BODY],
      ['DELETE', path, ''],
    ]);
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'content-length': String(BODY.length),
      'user-agent': expect.stringMatching(/^exporter-kit\//),
    });
    expect(received[0]?.headers['content-encoding']).toBeUndefined();
  });

  it('zips what proxies would refuse, and whatever it is told to', async () => {
    const { url, received } = await gateway('ok');
    const line = (i: number): string => `made{volume="${String(i).padStart(1000, 'x')}"} ${i}\n`;
    const large = `# HELP made Up.\n# TYPE made gauge\n${Array.from({ length: 1500 }, (_, i) => line(i)).join('')}`;
    await pushgateway(url).deliver(delivery('replace', {}, large), unhurried);
    await pushgateway(url, { gzip: false }).deliver(delivery('replace', {}, large), unhurried);
    await pushgateway(url, { gzip: true }).deliver(delivery(), unhurried);
    expect(received.map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', undefined, 'gzip']);
    expect(received.map(({ text }) => text)).toEqual([large, large, BODY]);
    expect(Number(received[0]?.headers['content-length'])).toBeLessThan(100_000);
  });

  it('writes names that a gateway does not know with underscores', async () => {
    const { url, received } = await gateway('ok');
    await pushgateway(url).deliver(delivery('add', {}, '{"disk.free","disk.name"="a"} 1\n'), unhurried);
    expect(received[0]?.text).toContain('disk_free{disk_name="a"} 1\n');
  });

  it.each([
    [
      'a label of the grouping',
      { volume: 'x' },
      BODY,
      /label "volume" of made is also set by the grouping; rename one\./,
    ],
    ['the job', {}, 'made{job="x"} 1\n', /label "job" of made is also set by the job's name; rename one\./],
    ['one when escaped', { a_b: 'x' }, '{"made","a.b"="x"} 1\n', /label "a\.b" of made is also set by the grouping/],
    [
      "one of its type's",
      { le: 'x' },
      '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
      /label "le" of h/,
    ],
    ['a family of the gateway', {}, 'push_time_seconds 1\n', /push_time_seconds is set by the Pushgateway itself/],
    ['a grouping by job', { job: 'x' }, BODY, /grouping: "job" is the job's own name/],
    ['a reserved label', { __x: 'x' }, BODY, /label "__x" is reserved/],
    ['no label name', { 'a-b': 'x' }, BODY, /"a-b" is not a label name/],
    ['a value that is none', { a: 1 }, BODY, /the value of "a" must be a string/],
  ])('refuses %s before anything is sent', async (_what, grouping, body, message) => {
    const { url, received } = await gateway('ok');
    const error = await pushgateway(url)
      .deliver(delivery('replace', grouping as never, body), unhurried)
      .catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(`pushgateway ${url}: `);
    expect(isPermanentFailure(error)).toBe(true);
    expect(received).toEqual([]);
  });

  it('refuses a job without a name', async () => {
    const { url, received } = await gateway('ok');
    const nameless = pushgateway(url).remove!({ job: '', grouping: {} }, unhurried);
    await expect(nameless).rejects.toThrow('the job has no name');
    expect(received).toEqual([]);
  });

  it.each<[string, RegExp, PushgatewayOptions?]>([
    ['gateway:9091', /"gateway:9091" is not an http\(s\) URL; write http:\/\/host:9091\./],
    ['http://me:hunter2/x@host:9091', /"http:\/\/host:9091" is not an http/],
    ['me:hunter2@host:9091', /"host:9091" is not an http/],
    ['http://host:9091/?token=hunter2', /pushgateway http:\/\/host:9091: the URL has a query/],
    ['http://host:9091', /timeoutMs is 0; give milliseconds above 0/, { timeoutMs: 0 }],
    ['http://host:9091', /attemptTimeoutMs is NaN/, { attemptTimeoutMs: Number.NaN }],
    ['http://host:9091', /tls is for https URLs/, { tls: { caFile: 'x' } }],
    ['https://host:9091', /tls.certFile and tls.keyFile must be set together/, { tls: { certFile: 'x' } }],
    ['http://me:hunter2@host:9091', /bearerToken and username are mutually exclusive/, { bearerToken: 'hunter2' }],
    ['http://host:9091', /a username can't contain a colon/, { username: 'a:b', password: 'hunter2' }],
    ['http://host:9091', /the header Authorization is reserved/, { headers: { Authorization: 'hunter2' } }],
  ])('does not start with %s and %s', (url, message, options) => {
    const make = (): unknown => pushgateway(url, options);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
    expect(make).not.toThrow('hunter2');
  });

  it('ends at once when its signal aborts, in an attempt and between two', async () => {
    for (const [script, words] of [
      ['hang', 'stopped: no more time'],
      [{ status: 503, headers: { 'retry-after': '300' } }, 'stopped: no more time; before that: answered 503'],
    ] as const) {
      const { url, received } = await gateway(script);
      const aborting = new AbortController();
      const patient = { timeoutMs: 600_000, attemptTimeoutMs: 600_000 };
      const delivering = pushgateway(url, patient).deliver(delivery(), { log: silent, signal: aborting.signal });
      const failed = expect(delivering).rejects.toThrow(new RegExp(`: ${words}$`));
      await expect.poll(() => received.length).toBe(1);
      // What was answered before has been read when a later request has its answer.
      await fetch((await gateway('ok')).url);
      aborting.abort(new Error('no more time'));
      // If it went on, then for minutes: longer than this test may.
      await failed;
    }
    const { url, received } = await gateway('ok');
    const never = { log: silent, signal: AbortSignal.abort(new Error('no more time')) };
    await expect(pushgateway(url).deliver(delivery(), never)).rejects.toThrow('stopped: no more time');
    expect(received).toEqual([]);
  });

  it('tries an address where nobody listens until its time is up', async () => {
    const { url, close } = await gateway('ok');
    await close();
    const delivering = pushgateway(url, SHORT).deliver(delivery(), unhurried);
    await expect(delivering).rejects.toThrow(/^pushgateway \S+: connect ECONNREFUSED \S+ \([2-5] attempts\)$/);
  });

  it('waits for the time that a gateway names', async () => {
    const named = inSeconds(2);
    const { url, received } = await gateway([{ status: 503, headers: { 'retry-after': named } }, 'ok']);
    const started = Date.now();
    await pushgateway(url, LONG).deliver(delivery(), unhurried);
    // Timers may be early.
    expect(started + received[1]!.atMs).toBeGreaterThan(Date.parse(named) - 50);
  });

  it('hears a rejection that comes before all is sent', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      const refuse = 'HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge';
      socket.once('data', () => socket.end(refuse));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => server.close());
    const large = Array.from({ length: 4000 }, (_, i) => `made{volume="${'x'.repeat(1000)}${i}"} 1\n`).join('');
    const { port } = server.address() as AddressInfo;
    const delivering = pushgateway(`http://127.0.0.1:${port}`, { gzip: false }).deliver(
      delivery('add', {}, large),
      unhurried,
    );
    await expect(delivering).rejects.toThrow(/answered 413: large$/);
  });
});

// With a second for all attempts there is time for three that fail at once: the waits are 200 and 400 ms, then 800, each
// a quarter more or less.
const SHORT = { timeoutMs: 4000, attemptTimeoutMs: 1200 };
// Where it ends well, how long that takes is the machine's matter.
const LONG = { timeoutMs: 50_000 };
const status = (code: number, text = '', headers = {}): Fault => ({ status: code, text, headers });
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString();

interface Row {
  readonly what: string;
  readonly script: Fault | readonly Fault[];
  /** Where all of them fail, a busy machine may have time for one less. */
  readonly attempts: number;
  /** What the user reads after the sink's name, but for the number of attempts; none when it is delivered. */
  readonly reads?: RegExp;
  readonly refused?: boolean;
  /** Milliseconds it takes at least; at most it is `timeoutMs` in any case. */
  readonly least?: number;
  readonly options?: PushgatewayOptions;
}

const faults: readonly Row[] = [
  { what: 'never answers', script: 'hang', attempts: 3, reads: /^no complete response within [\d.]+ s$/ },
  { what: 'drips its answer', script: 'drip', attempts: 1 },
  { what: 'drips its head', script: 'drip-head', attempts: 3, reads: /^no complete response within [\d.]+ s$/ },
  { what: 'continues', script: 'continue', attempts: 3, reads: /^no complete response within [\d.]+ s$/ },
  {
    what: 'hangs past the whole time',
    script: 'hang',
    options: { timeoutMs: 2000, attemptTimeoutMs: 60_000 },
    attempts: 1,
    reads: /^no complete response within (2|1\.\d+) s$/,
  },
  { what: 'resets', script: 'reset', attempts: 5, reads: /^read ECONNRESET$/ },
  { what: 'hangs up', script: 'empty', attempts: 5, reads: /^the connection was closed without a response$/ },
  { what: 'breaks off', script: 'truncate', attempts: 1 },
  { what: 'speaks no HTTP', script: 'garbage', attempts: 1, reads: /^the response is not HTTP$/ },
  {
    what: 'is a web page',
    script: 'page',
    attempts: 1,
    reads: /^answered with a web page, so this is not a Pushgateway; check the URL\.$/,
  },
  ...[301, 302, 303, 307, 308].map((code) => ({
    what: `redirects with ${code}`,
    script: status(code, '', { location: 'https://me:hunter2@elsewhere.example/x' }),
    attempts: 1,
    reads: /^redirects \(\d+\) to https:\/\/elsewhere.example\/x, which is not followed; set the final URL\.$/,
  })),
  { what: 'redirects to nowhere', script: status(302), attempts: 1, reads: /^redirects \(302\) nowhere, / },
  {
    what: 'says what is wrong',
    script: status(400, 'pushed metrics are invalid:\n  a\u001b[31m\n'),
    attempts: 1,
    refused: true,
    reads: /^answered 400: pushed metrics are invalid: a \[31m$/,
  },
  ...[405, 413, 415, 422, 431].map((code) => ({
    what: `answers ${code}`,
    script: status(code),
    attempts: 1,
    refused: true,
    reads: /^answered \d+$/,
  })),
  { what: 'wants credentials', script: status(401), attempts: 1, reads: /^answered 401 \(check the credentials\)$/ },
  { what: 'forbids it', script: status(403, 'no'), attempts: 1, reads: /^answered 403: no \(check the credentials\)$/ },
  { what: 'is elsewhere', script: status(404), attempts: 1, reads: /^answered 404 \(check the path in the URL\)$/ },
  { what: 'is behind a proxy', script: status(407), attempts: 1, reads: /^answered 407 \(the proxy/ },
  { what: 'got it too slowly', script: status(408), attempts: 1, reads: /^answered 408 \(the request was too slow/ },
  ...[500, 502, 503, 504].map((code) => ({
    what: `answers ${code}`,
    script: status(code, 'busy'),
    attempts: 5,
    reads: /^answered \d+: busy$/,
  })),
  {
    what: 'asks to be left alone',
    script: status(429),
    attempts: 5,
    reads: /^answered 429 \(push less often\)$/,
  },
  ...['60', '9'.repeat(400), inSeconds(90)].map((wait) => ({
    what: `asks for ${wait.slice(0, 30)}`,
    script: status(503, '', { 'retry-after': wait }),
    attempts: 1,
    reads: /^answered 503; Retry-After of ([2-9]\d|Infinity) s exceeds the push timeout$/,
  })),
  ...['soon', '-1', '1e3', 'NaN', '0x10', '1.5', '', 'in 2099', inSeconds(-60), '0'].map((wait) => ({
    what: `asks for ${JSON.stringify(wait)}`,
    script: status(503, '', { 'retry-after': wait }),
    attempts: 5,
    reads: /^answered 503$/,
  })),
  { what: 'fails once', script: [status(500), 'ok'], attempts: 2, least: 150, options: LONG },
  { what: 'fails twice', script: ['reset', status(503), 'ok'], attempts: 3, least: 450, options: LONG },
  { what: 'hangs once', script: ['hang', 'ok'], attempts: 2, least: 1300, options: LONG },
  {
    what: 'asks for a second',
    script: [status(429, '', { 'retry-after': '1' }), 'ok'],
    attempts: 2,
    least: 995,
    options: LONG,
  },
  { what: 'accepts', script: status(202), attempts: 1 },
  {
    what: 'says 20 MB',
    script: status(400, 'x'.repeat(20_000_000)),
    attempts: 1,
    refused: true,
    reads: /^answered 400: x{500}$/,
  },
];

describe('a gateway that', () => {
  it.concurrent.each(faults)('$what', async ({ script, attempts, reads, refused = false, least = 0, options }) => {
    const faulty = await faultyGateway(script);
    const limits = { ...SHORT, ...options };
    const sink = pushgateway(faulty.url.replace('//', '//me:hunter2@'), limits);
    const from = performance.now();
    const error = await sink.deliver(delivery(), unhurried).catch((thrown: Error) => thrown);
    const took = performance.now() - from;
    await faulty.close();
    expect(took).toBeGreaterThanOrEqual(least);
    // Where nothing ends it, it would go on for ever; the rest is for a busy machine.
    expect(took).toBeLessThan(limits.timeoutMs + 20_000);
    const made = faulty.received.length;
    if (reads === undefined) {
      expect(error).toBeUndefined();
      expect(made).toBe(attempts);
      return;
    }
    expect(made).toBeLessThanOrEqual(attempts);
    expect(made).toBeGreaterThanOrEqual(Math.min(attempts, 2));
    const { message } = error as Error;
    expect(message.slice(0, sink.name.length + 2)).toBe(`pushgateway ${faulty.url}: `);
    expect(message.includes(` (${made} attempts)`)).toBe(made > 1);
    expect(message.slice(sink.name.length + 2).replace(` (${made} attempts)`, '')).toMatch(reads);
    expect(isPermanentFailure(error)).toBe(refused);
    expect(message).not.toContain('hunter2');
  });
});
