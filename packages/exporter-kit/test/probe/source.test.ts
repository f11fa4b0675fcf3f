import { request } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { type Collector, collector, exporter, gauge, type ServeOptions, serve, source } from '../../src/index.ts';
import { get, valueIn } from '../get.ts';
import { lineServer } from '../line-server.ts';
import { answer, lines } from '../programs/lines-source.mjs';
import { heard } from '../serving.ts';

const failing = collector({
  name: 'failing',
  source: lines,
  enabled: false,
  metrics: {},
  collect() {
    throw new Error('it is broken');
  },
});

const loopback = { allow: ['127.0.0.0/8'] };

async function probing(
  modules?: object,
  options: ServeOptions = { guard: loopback },
  collectors: Collector[] = [answer, failing],
) {
  const made = exporter({
    name: 'x_exporter',
    collectors,
    probes: [lines],
    ...(modules && { modules: modules as { [name: string]: object } }),
  });
  const server = await serve(made, { sources: { lines: { targets: {} } }, ...options });
  onTestFinished(() => server.close(0));
  const probe = (target: string, more: Record<string, string> = {}, headers = {}) =>
    get(`${server.url}probe?${new URLSearchParams({ target, ...more })}`, headers);
  return { server, probe };
}

describe('/probe of a source', () => {
  it('runs its enabled collectors without the target label', async () => {
    const { target, seen } = await lineServer();
    const { probe } = await probing();
    const { status, text } = await probe(target);
    expect(status).toBe(200);
    for (const line of [
      'lines_up 1',
      'lines_answer_bytes 7',
      'probe_success 1',
      'x_scrape_collector_success{collector="answer"} 1',
    ]) {
      expect(text).toContain(`\n${line}\n`);
    }
    expect(text).toMatch(/^probe_duration_seconds \d/m);
    expect(text).not.toContain('failing');
    expect(seen.lines).toEqual(['PING']);
  });

  it('keeps targets open, one for each module', async () => {
    const { target, seen } = await lineServer();
    const { probe } = await probing({
      a: { prober: 'lines' },
      b: { prober: 'lines', lines: { size: 1 }, collectors: ['answer', 'failing'] },
    });
    for (const module of ['a', 'b', 'a', 'b', 'a']) await probe(target, { module });
    await Promise.all(Array.from({ length: 5 }, () => probe(target, { module: 'a' })));
    expect(seen.connections).toBe(2);
    const { text } = await probe(target, { module: 'b' });
    expect(valueIn(text, 'probe_success')).toBe(0);
    expect(valueIn(text, 'lines_up')).toBe(1);
    expect(valueIn(text, 'x_scrape_collector_success{collector="failing"}')).toBe(0);
  });

  it('says what is down, and why to those who ask', async () => {
    const { probe, server } = await probing();
    const { status, text } = await probe('127.0.0.1:1');
    expect([status, valueIn(text, 'lines_up'), valueIn(text, 'probe_success')]).toEqual([200, 0, 0]);
    expect(text).not.toContain('lines_answer_bytes');
    expect((await probe('127.0.0.1:1', { debug: 'true' })).text).toMatch(
      /^Probe by module lines: failed, open: .*ECONNREFUSED/,
    );
    const recent = JSON.parse((await get(`${server.url}-/probes?format=json`)).text);
    expect(recent.modules).toEqual([{ name: 'lines', prober: 'lines' }]);
    expect(recent.probes[0]).toMatchObject({ target: '127.0.0.1:1', success: false });
  });

  it('answers by the deadline when the server hangs', async () => {
    const { target } = await lineServer(() => undefined);
    const { probe } = await probing();
    const { text } = await probe(target, {}, { 'x-prometheus-scrape-timeout-seconds': '0.4' });
    expect([valueIn(text, 'lines_up'), valueIn(text, 'probe_success')]).toEqual([0, 0]);
  });

  it.each([
    ['', 'target is missing'],
    ['a b', 'target: must not have spaces'],
  ])('refuses the target %j', async (target, message) => {
    const { probe } = await probing();
    const { status, text } = await probe(target);
    expect([status, text]).toEqual([400, expect.stringContaining(message)]);
  });

  it('goes nowhere that the guard forbids', async () => {
    const { target, seen, port } = await lineServer();
    const { probe } = await probing(undefined, {});
    expect(await probe(target)).toMatchObject({ status: 403, text: expect.stringContaining('loopback') });
    expect(await probe(`lines://localhost:${port}`)).toMatchObject({ status: 403 });
    expect(seen.connections).toBe(0);
  });

  it('says that a target has failed, not that it is refused, once it was connected to', async () => {
    const { target } = await lineServer();
    const redirected = source({
      name: 'redirected',
      up: gauge({ name: 'redirected_up', help: 'Whether it answered.' }),
      config: z.object({ addr: z.string() }),
      target: 'addr',
      open: lines.open as never,
      read: ({ resolve }) => resolve({ host: '169.254.169.254', port: 80, scheme: 'http' }),
      close: (socket: Socket) => void socket.destroy(),
    });
    const server = await serve(exporter({ name: 'x_exporter', probes: [redirected] }), { guard: loopback });
    onTestFinished(() => server.close(0));
    for (let i = 0; i < 2; i++) {
      const { status, text } = await get(`${server.url}probe?target=${target}`);
      expect([status, valueIn(text, 'redirected_up'), valueIn(text, 'probe_success')]).toEqual([200, 0, 0]);
    }
  });

  it('never uses the settings of fixed targets, and logs at debug', async () => {
    const { target, seen } = await lineServer();
    const { said, log } = heard();
    const sources = { lines: { password: 'hunter2', targets: { a: { addr: target } } } };
    const { probe } = await probing(undefined, { guard: loopback, sources, log });
    expect(valueIn((await probe(target)).text, 'lines_up')).toBe(1);
    expect(seen.lines).toEqual(['PING']);
    expect(valueIn((await probe('127.0.0.1:1')).text, 'lines_up')).toBe(0);
    expect(said.filter(({ level }) => level !== 'debug')).toEqual([]);
  });

  it('gives back the places of clients that have gone', async () => {
    const { probe, server } = await probing(undefined, { guard: loopback, maxProbes: 1 });
    for (let i = 0; i < 3; i++) {
      const { target, seen } = await lineServer(() => undefined);
      const client = request(`${server.url}probe?target=${target}`, {
        headers: { 'x-prometheus-scrape-timeout-seconds': '2' },
      })
        .on('error', () => {})
        .end();
      await vi.waitFor(() => expect(seen.lines).toEqual(['PING']), 50_000);
      client.destroy();
    }
    await vi.waitFor(async () => {
      const { status } = await probe('127.0.0.1:1', {}, { 'x-prometheus-scrape-timeout-seconds': '0.2' });
      expect(status).toBe(200);
    }, 50_000);
  });

  it('closes targets that nobody probes, and the longest unused of too many', async () => {
    const servers = await Promise.all(Array.from({ length: 4 }, () => lineServer()));
    const made = exporter({ name: 'x_exporter', collectors: [answer], probes: [lines] });
    const { openTargets } = await import('../../src/probe/open-targets.ts');
    const { parseModules } = await import('../../src/probe/modules.ts');
    const { probedSettings } = await import('../../src/probe/source-target.ts');
    const { guard } = await import('../../src/probe/guard.ts');
    const { silent } = await import('../../src/collect/context.ts');
    const opened = openTargets(made, silent);
    onTestFinished(() => opened.close());
    const modules = parseModules([lines], undefined, [answer]);
    const module = modules.get('lines')!;
    if (!('source' in module)) throw new Error('not of a source');
    opened.configure(modules, { collectors: [answer], enabled: [answer] }, { maxIdle: 2, idleTimeoutMs: 60_000 });
    const visit = async (target: string): Promise<void> => {
      const settings = probedSettings(module, target);
      if (typeof settings === 'string') throw new Error(settings);
      const one = opened.use(module, settings, guard(loopback), { ...silent });
      const { snapshot } = await one.gatherer.gather({ deadline: performance.now() + 5000 });
      snapshot.release();
      one.release();
    };
    for (const { target } of servers) await visit(target);
    await visit(servers[2]!.target);
    const open = (): number[] => servers.map(({ sockets }) => sockets.size);
    await vi.waitFor(() => expect(open()).toEqual([0, 0, 1, 1]), 50_000);
    expect(servers.map(({ seen }) => seen.connections)).toEqual([1, 1, 1, 1]);
    opened.configure(modules, { collectors: [answer], enabled: [answer] }, { maxIdle: 2, idleTimeoutMs: 1 });
    await visit(servers[3]!.target);
    await vi.waitFor(() => expect(open()).toEqual([0, 0, 1, 0]), 50_000);
    opened.configure(new Map(), { collectors: [answer], enabled: [answer] });
    await vi.waitFor(() => expect(open()).toEqual([0, 0, 0, 0]), 50_000);
  });
});

describe('a module with a secret', () => {
  const modules = (targets: unknown) => ({
    corp: { prober: 'lines', lines: { password: 'hunter2' }, ...(targets ? { targets } : {}) },
  });

  it('must have targets', async () => {
    await expect(probing(modules(undefined))).rejects.toThrow(
      /modules\.corp\.targets: is missing: the settings of lines hold/,
    );
  });

  it('sends it to its targets only', async () => {
    const [inside, outside] = [await lineServer(), await lineServer()];
    const { probe } = await probing(modules([`127.0.0.1:${inside.port}`]));
    const { text } = await probe(inside.target);
    expect(valueIn(text, 'probe_success')).toBe(1);
    expect(inside.seen.lines).toEqual(['AUTH hunter2', 'PING']);
    expect(text).not.toContain('hunter2');
    for (const target of [
      outside.target,
      `localhost:${outside.port}`,
      `lines://${outside.target}`,
      `127.1:${outside.port}`,
    ]) {
      expect(await probe(target)).toMatchObject({
        status: 403,
        text: expect.stringContaining('the target is refused'),
      });
    }
    expect(outside.seen.connections).toBe(0);
  });

  it.each([
    'TARGET/0',
    'TARGET?host=127.0.0.2',
    'user@TARGET',
    'lines://user:pw@TARGET',
    'TARGET,127.0.0.2:6379',
    'TARGET#x',
    'TARGET\\@127.0.0.2',
    '/run/redis.sock',
    'unix:///run/redis.sock',
    'host%2ecorp:1',
    '::1',
    '[::1',
  ])('takes no more than scheme, host and port: %s', async (shape) => {
    const { target, seen } = await lineServer();
    const { probe } = await probing(modules(['127.0.0.0/8']));
    const { status, text } = await probe(shape.replace('TARGET', target));
    expect([status, text]).toEqual([400, expect.stringContaining('[scheme://]host[:port]')]);
    expect(seen.connections).toBe(0);
  });

  it('needs its own rules and those of all probes', async () => {
    const { target, seen } = await lineServer();
    const denied = await probing(modules(['127.0.0.1']), { guard: { deny: ['127.0.0.1'] } });
    expect((await denied.probe(target)).status).toBe(403);
    const elsewhere = await probing(modules(['127.0.0.1']), { guard: { allow: ['10.0.0.0/8'] } });
    expect((await elsewhere.probe(target)).status).toBe(403);
    expect(seen.connections).toBe(0);
    const alone = await probing(modules(['127.0.0.1']), {});
    expect(valueIn((await alone.probe(target)).text, 'probe_success')).toBe(1);
  });
});

describe('/metrics', () => {
  it('reads the targets that are selected', async () => {
    const [a, b] = [await lineServer(), await lineServer()];
    const made = exporter({ name: 'x_exporter', collectors: [answer] });
    const server = await serve(made, {
      sources: { lines: { targets: { a: { addr: a.target }, b: { addr: b.target } } } },
    });
    onTestFinished(() => server.close(0));
    const { text } = await get(`${server.url}metrics?target=a`);
    expect(valueIn(text, 'lines_up{server="a"}')).toBe(1);
    expect(text).not.toContain('server="b"');
    expect(b.seen.connections).toBe(0);
    expect((await get(`${server.url}metrics?target=c`)).status).toBe(400);
    const both = await get(`${server.url}metrics?target[]=a&target[]=b`);
    expect(valueIn(both.text, 'lines_up{server="b"}')).toBe(1);
  });
});
