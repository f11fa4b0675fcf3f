import { createServer } from 'node:net';
import { scrape, sourceConformance } from 'exporter-kit/testing';
import { needPeers } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { redis } from '../src/index.ts';
import { served, server } from './real.ts';
import { fakeClient, replies } from './recorded.ts';

/** A server that accepts and says nothing. */
async function mute() {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((done) => silent.once('listening', done));
  onTestFinished(() => void silent.close());
  let connections = 0;
  silent.on('connection', (socket) => {
    connections++;
    socket
      .resume()
      .on('error', () => {})
      .on('close', () => connections--);
  });
  const address = silent.address() as { port: number };
  return { addr: `127.0.0.1:${address.port}`, connections: () => connections };
}

it.each(
  sourceConformance({
    good: () => ({ source: { ...redis, open: () => fakeClient(replies('redis-8-primary')) } }),
    failing: () => ({ source: redis, target: { addr: 'redis://127.0.0.1:1' } }),
    hanging: async () => {
      const { addr, connections } = await mute();
      return { source: redis, target: { addr, password: 'x' }, connections };
    },
  }),
)('$title', ({ check }) => check());

it('reads INFO of servers that only know it without a section', async () => {
  const { 'INFO everything': INFO } = replies('redis-7');
  const client = fakeClient({ 'INFO everything': '', INFO: INFO! });
  expect((await scrape(redis, { client })).value('redis_up')).toBe(1);
});

const flavours = (['redis-server', 'valkey-server'] as const).filter((program) => needPeers(program));

describe.each(flavours)('%s', (program) => {
  it.each(
    sourceConformance({
      good: async () => ({ source: redis, target: { addr: (await server({ program })).url } }),
      failing: async () => ({ source: redis, target: { addr: (await server({ program })).url, password: 'wrong' } }),
      hanging: async () => {
        const stopped = await server({ program });
        process.kill(stopped.program.pid, 'SIGSTOP');
        return { source: redis, target: { addr: stopped.url } };
      },
    }),
  )('$title', ({ check }) => check());

  it.each([
    ['a server', []],
    ['a node of a cluster', ['--cluster-enabled', 'yes']],
    ['a sentinel', 'sentinel monitor main 127.0.0.1 1 1\n'],
  ] as const)('%s is asked nothing that it counts as an error', async (_, how) => {
    const one = await server(typeof how === 'string' ? { program, sentinel: how } : { program, flags: how });
    const scrape = await served({ addr: one.url });
    const errors = async () => /total_error_replies:(\d+)/.exec(String(await one.ask('INFO', 'stats')))?.[1];
    const before = await errors();
    for (let i = 0; i < 3; i++) expect(await scrape()).toMatch(/^redis_up 1$/m);
    expect(before).toMatch(/^\d+$/);
    expect(await errors()).toBe(before);
  });
});
