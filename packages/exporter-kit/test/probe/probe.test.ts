import { z } from 'exporter-kit/config';
import { needPeers, promtoolCheckMetrics } from 'test-servers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { exporter, fetchHandler, gauge, type Probe, probe, serve } from '../../src/index.ts';
import { get, scraper, valueIn } from '../get.ts';
import { later } from '../later.ts';
import { heard } from '../serving.ts';
import { probing } from './probing.ts';

const steps = gauge({ name: 'probe_steps', help: 'Steps that were taken.', labels: ['step'] });

/** Does what its target says; targets are no hosts. */
const acts: { readonly [target: string]: (signal: AbortSignal) => void | Promise<void> } = {
  well: () => {},
  badly: () => {
    throw new Error('password=hunter2 is wrong');
  },
  forever: (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
};
const actor: Probe = probe({
  name: 'actor',
  targets: 'names',
  metrics: { steps },
  config: z.strictObject({ password: z.string().optional(), times: z.number().default(1) }),
  async probe({ steps: writer }, { target, signal, log, config }) {
    writer.set({ step: 'first' }, config.times);
    log.info({ target, secret: config.password }, 'taking the second step');
    await acts[target]?.(signal);
    writer.set({ step: 'second' }, config.times);
  },
});
const modules = {
  plain: { prober: 'actor' },
  quick: { prober: 'actor', timeout: '50ms' },
  secret: { prober: 'actor', actor: { password: 'hunter2', times: 3 } },
};

describe('an answer', () => {
  it('has what the probe wrote, its success and its duration, in each format', async () => {
    const { ask } = await probing([actor], {}, modules);
    const { status, headers, text } = await ask({ target: 'well', module: 'secret' });
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4; charset=utf-8/);
    expect(valueIn(text, 'probe_success')).toBe(1);
    expect(valueIn(text, 'probe_duration_seconds')).toBeGreaterThan(0);
    expect(valueIn(text, 'probe_steps{step="second"}')).toBe(3);
    if (needPeers('promtool')) expect(promtoolCheckMetrics(text)).toEqual({ code: 0, problems: [] });

    const om = await ask({ target: 'well', module: 'plain' }, scraper);
    expect(om.headers['content-type']).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    expect(om.text).toMatch(/# EOF\n$/);
    expect(om.text).not.toContain('build_info');
  });

  it('starts empty, whoever asks at the same time', async () => {
    const { ask } = await probing([actor], {}, modules);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask({ target: i % 2 === 0 ? 'well' : 'badly', module: 'plain' })),
    );
    for (const [i, { text }] of answers.entries()) {
      expect(valueIn(text, 'probe_success')).toBe(i % 2 === 0 ? 1 : 0);
      expect(text.includes('step="second"')).toBe(i % 2 === 0);
    }
  });

  it('is zipped for who asks for that, and has no body for HEAD', async () => {
    const { ask } = await probing([actor], { gzipFrom: 1 }, modules);
    const { headers, text } = await ask({ target: 'well', module: 'plain' }, { 'accept-encoding': 'gzip' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(valueIn(text, 'probe_success')).toBe(1);
    const head = await ask({ target: 'well', module: 'plain' }, {}, 'HEAD');
    expect(head).toMatchObject({ status: 200, text: '' });
    const post = await ask({ target: 'well', module: 'plain' }, {}, 'POST');
    expect(post).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } });
  });

  it('of a probe that fails has what it wrote before, and no word of why', async () => {
    const { log, said } = heard();
    const { ask } = await probing([actor], { log }, modules);
    const { status, text } = await ask({ target: 'badly', module: 'plain' });
    expect(status).toBe(200);
    expect(valueIn(text, 'probe_success')).toBe(0);
    expect(valueIn(text, 'probe_steps{step="first"}')).toBe(1);
    expect(text).not.toContain('hunter2');
    // That a target is down is no trouble of the exporter's.
    expect(said.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  it.each([
    ['the module', { target: 'forever', module: 'quick' }, '10', 50],
    ['the scraper, less the offset', { target: 'forever', module: 'plain' }, '1', 500],
  ])('comes in the time that %s gives', async (_, parameters, timeout, ms) => {
    // Time stands still but for this.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const started = later();
    const told = probe({
      ...actor,
      async probe(...args) {
        started.resolve();
        await actor.probe(...args);
      },
    });
    const { ask } = await probing([told], {}, modules);
    const answer = ask(parameters, { 'x-prometheus-scrape-timeout-seconds': timeout });
    await started.promise;
    vi.advanceTimersByTime(ms - 1);
    // A probe that had been ended by now would say so in its duration.
    await new Promise(setImmediate);
    vi.advanceTimersByTime(1);
    const { text } = await answer;
    expect(valueIn(text, 'probe_success')).toBe(0);
    expect(valueIn(text, 'probe_steps{step="first"}')).toBe(1);
    expect(valueIn(text, 'probe_duration_seconds')).toBe(ms / 1000);
  });

  it('is nobody’s when the scraper hangs up: the probe is told', async () => {
    const [started, aborted] = [later(), later<unknown>()];
    const waits = probe({
      name: 'waits',
      targets: 'names',
      metrics: {},
      async probe(_, { signal }) {
        started.resolve();
        await new Promise<void>((over) => signal.addEventListener('abort', () => over()));
        aborted.resolve(signal.reason);
      },
    });
    const { url } = await probing([waits]);
    const left = new AbortController();
    const asking = get(`${url}probe?target=x`, {}, 'GET', left.signal).catch(() => {});
    await started.promise;
    left.abort();
    await asking;
    expect(await aborted.promise).toMatchObject({ message: 'client disconnected' });
  });
});

it('is mounted in other servers too', async () => {
  const handle = fetchHandler(exporter({ name: 'test_exporter', probes: [actor], modules }));
  const answer = await handle(new Request('http://localhost/probe?target=well&module=plain'));
  expect(answer.status).toBe(200);
  expect(valueIn(await answer.text(), 'probe_success')).toBe(1);
});

it.each([
  ['', /^target is missing/],
  ['module=plain', /^target is missing/],
  ['target=&module=plain', /^target is missing/],
  ['target=a&target=b', /^two targets/],
  ['target=a&module=plain&module=quick', /^two modules/],
  ['target=a&module=nosuch', /unknown; known: plain, quick, secret$/],
  ['target=a&module=', /unknown/],
  ['target=a&module=__proto__', /unknown/],
  ['target=a&module=constructor', /unknown/],
  ['target=a%0Ab', /no target/],
  [`target=${'a'.repeat(3000)}`, /no target/],
])('refuses %s', async (query, message) => {
  const { ask } = await probing([actor], {}, modules);
  const { status, headers, text } = await ask(query);
  expect(status).toBe(400);
  expect(headers['content-type']).toContain('text/plain');
  expect(text.trim()).toMatch(message);
  expect(text).not.toContain('nosuch');
});

it('takes the first module where none is named', async () => {
  const { ask } = await probing([actor], {}, modules);
  expect((await ask({ target: 'well' })).status).toBe(200);
});

it('leaves no target on /metrics, and answers /probe only where there are probes', async () => {
  const { ask, url } = await probing([actor], {}, modules);
  await ask({ target: 'well' });
  expect((await get(`${url}metrics`)).text).not.toMatch(/well|probe_/);
  const without = await serve(exporter({ name: 'test_exporter', collectors: [] }));
  expect((await get(`${without.url}probe?target=x`)).status).toBe(404);
  expect((await get(`${without.url}-/probes`)).status).toBe(404);
  await without.close(0);
});

it('with debug=true tells its log, its metrics and its module, without secrets', async () => {
  const { ask } = await probing([actor], {}, modules);
  const { status, headers, text } = await ask({ target: 'badly', module: 'secret', debug: 'true' });
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  expect(text).toMatch(/^Probe by module secret: failed, password=<secret> is wrong, \d/);
  expect(text).toMatch(/ ms info {2}taking the second step target="badly" secret="<secret>"\n/);
  expect(text).toContain('probe_success 0\n');
  expect(text).toContain('"password": "<secret>"');
  expect(text).toContain('"times": 3');
  expect(text).not.toContain('hunter2');
});

describe('so many at once', () => {
  it.each([
    ['of one exporter', { maxProbes: 2 }, ['forever', 'forever', 'well']],
    ['of one target', { maxProbesPerTarget: 2 }, ['forever', 'forever', 'forever']],
  ])('%s, and no more', async (_, limits, [first = '', second = '', third = '']) => {
    const { log, said } = heard();
    const { ask } = await probing([actor], { log, ...limits }, modules);
    const slow = { 'x-prometheus-scrape-timeout-seconds': '1' };
    const running = [ask({ target: first }, slow), ask({ target: second }, slow)];
    await expect.poll(() => said.filter(({ message }) => message.startsWith('taking')).length).toBe(2);
    const refused = await ask({ target: third }, { 'x-prometheus-scrape-timeout-seconds': '0.1' });
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(refused.text).toMatch(/^too many concurrent probes \(maximum of 2( for this target)?\)/);
    // One of the exporter's waits for its turn; one of the target's is refused at once.
    const waiting = await ask({ target: third });
    expect(waiting.status).toBe('maxProbes' in limits ? 200 : 503);
    await Promise.all(running);
    expect((await ask({ target: 'well' })).status).toBe(200);
  });

  it('even when a probe ignores its signal', async () => {
    const go = later();
    const deaf = probe({ name: 'deaf', targets: 'names', metrics: {}, probe: () => go.promise });
    const { ask } = await probing([deaf], { maxProbesPerTarget: 1 }, { deaf: { prober: 'deaf', timeout: '20ms' } });
    expect(valueIn((await ask({ target: 'a' })).text, 'probe_success')).toBe(0);
    expect((await ask({ target: 'a' })).status).toBe(503);
    expect((await ask({ target: 'b' })).status).toBe(200);
    go.resolve();
    await expect.poll(async () => (await ask({ target: 'a' })).status).toBe(200);
  });
});

describe('recent probes', () => {
  it('are told in HTML and JSON, newest first, and failures longer', async () => {
    const { ask, url } = await probing([actor], { keepProbes: 3 }, modules);
    for (const target of [
      'badly',
      'well',
      'badly',
      '<script>alert(1)</script>',
      'http://me:pw@well/',
      'well',
      'well',
    ]) {
      await ask({ target, module: 'secret' });
    }
    const answer = await get(`${url}-/probes?format=json`);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    const { modules: known, probes } = JSON.parse(answer.text);
    expect(known).toEqual([
      { name: 'plain', prober: 'actor' },
      { name: 'quick', prober: 'actor', timeoutSeconds: 0.05 },
      { name: 'secret', prober: 'actor' },
    ]);
    expect(probes.map(({ id, target }: { id: number; target: string }) => [id, target])).toEqual([
      [7, 'well'],
      [6, 'well'],
      [5, 'http://<secret>@well/'],
      [3, 'badly'],
      [1, 'badly'],
    ]);
    expect(probes[3]).toMatchObject({ success: false, module: 'secret', reason: 'password=<secret> is wrong' });
    expect(probes[0].log[0]).toMatchObject({ level: 'info', text: expect.stringContaining('taking the second') });
    expect(answer.text).not.toContain('hunter2');
    const json = await get(`${url}-/probes`, { accept: 'application/json' });
    expect(JSON.parse(json.text)).toEqual(JSON.parse(answer.text));
  });

  it('show what was asked for as text, on a page that runs only its own script', async () => {
    const { ask, url } = await probing([actor], {}, modules);
    await ask({ target: '"><script>alert(1)</script>', module: 'plain' });
    const { headers, text } = await get(`${url}-/probes`);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect((await get(url)).text).toContain('<a href="./-/probes">');
  });
});

it.each([
  [[{ nosuch: { prober: 'nosuch' } }], /^modules\.nosuch\.prober: "nosuch" is unknown; known: actor\.$/],
  [[{ a: {} }], /^modules\.a\.prober: is missing/],
  [[{ a: 1 }], /^modules\.a: must be a map/],
  [[{ a: { prober: 'actor', timeout: '5 s' } }], /^modules\.a\.timeout: "5 s" is not a duration/],
  [[{ a: { prober: 'actor', actr: {} } }], /^modules\.a\.actr: is unknown; did you mean actor\?$/],
  [
    [{ a: { prober: 'actor', actor: { times: 'x', passwort: 1 } } }],
    /^modules\.a\.actor\.times: .*\nmodules\.a\.actor: .*passwort/,
  ],
  [[{}], /^modules: has no module/],
])('says what is wrong with modules: %j', async ([given], message) => {
  await expect(probing([actor], {}, given as never)).rejects.toThrow(message);
});

it('refuses what the kit itself writes, and two probes of one name', () => {
  const success = gauge({ name: 'probe_success', help: 'Own.' });
  const bad = probe({ name: 'bad', metrics: { success }, probe() {} });
  expect(() => exporter({ name: 'x_exporter', probes: [bad] })).toThrow(
    /probe bad: probe_success is written by the kit/,
  );
  expect(() => exporter({ name: 'x_exporter', probes: [actor, actor] })).toThrow(/two probes are called "actor"/);
});
