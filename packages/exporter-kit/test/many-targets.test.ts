import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { collector, exporter, gauge, serve, source } from '../src/index.ts';
import { lineServer } from './line-server.ts';

// Ten times as many as run at once, and some of them hang. The timeout is one that a busy machine keeps.
const TARGETS = 2000;
const HANGING = 20;
const TIMEOUT = { 'x-prometheus-scrape-timeout-seconds': '110' };

async function manyTargets() {
  let running = 0;
  let most = 0;
  const server = await lineServer((line) => `OK ${line}`);
  const many = source({
    name: 'many',
    up: gauge({ name: 'many_up', help: 'Whether the server answered.' }),
    config: z.object({ addr: z.string() }),
    target: 'addr',
    async read({ config, signal, resolve }) {
      running++;
      most = Math.max(most, running);
      try {
        const [, port, name = ''] = /:(\d+)(\/.*)?$/.exec(config.addr) ?? [];
        await resolve({ host: '127.0.0.1', port: Number(port), scheme: 'many' });
        if (name.startsWith('/hangs'))
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        const answer = await fetchLine(server.port, signal);
        return answer.length;
      } finally {
        running--;
      }
    },
  });
  const size = collector({
    name: 'size',
    source: many,
    metrics: { size: gauge({ name: 'many_size_bytes', help: 'Length of the answer.', unit: 'bytes' }) },
    collect: (writers, { reading }) => writers.size.set(reading),
  });
  return { made: exporter({ name: 'many_exporter', collectors: [size], probes: [many] }), server, most: () => most };
}

async function fetchLine(port: number, signal: AbortSignal): Promise<string> {
  const { connect } = await import('node:net');
  const socket = connect({ port, host: '127.0.0.1', signal });
  try {
    socket.write('PING\n');
    const [data] = (await once(socket, 'data', { signal })) as [Buffer];
    return data.toString();
  } finally {
    socket.destroy();
  }
}

/** Asks for all of them at once, over more connections than targets are read at a time. */
async function askAll(urls: readonly string[]): Promise<{ status: number; text: string }[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 300 });
  onTestFinished(() => agent.destroy());
  return Promise.all(
    urls.map(async (url) => {
      const outgoing = request(url, { agent, headers: TIMEOUT }).end();
      const [answer] = await once(outgoing, 'response');
      let text = '';
      for await (const part of answer.setEncoding('utf8')) text += part;
      return { status: answer.statusCode, text };
    }),
  );
}

const names = Array.from({ length: TARGETS }, (_, i) => (i % (TARGETS / HANGING) === 0 ? `hangs-${i}` : `db-${i}`));

function verdictOf(answers: readonly { status: number; text: string }[], up: RegExp) {
  const healthy = answers.filter((_, i) => !names[i]!.startsWith('hangs'));
  return {
    lost: answers.filter(({ status }) => status !== 200).length,
    healthy: healthy.filter(({ text }) => up.test(text)).length,
    up: answers.filter(({ text }) => up.test(text)).length,
  };
}

const all = { lost: 0, healthy: TARGETS - HANGING, up: TARGETS - HANGING };

it('probes 2,000 targets at once, 200 of them at a time, and loses none though some hang', async () => {
  const { made, server, most } = await manyTargets();
  const modules = { many: { prober: 'many', timeout: '30s' } };
  const running = await serve(
    { ...made, modules },
    {
      sources: { many: { targets: {} } },
      guard: { allow: ['127.0.0.0/8'] },
    },
  );
  onTestFinished(() => running.close(0));
  const urls = names.map((name) => `${running.url}probe?target=127.0.0.1:${server.port}/${name}`);
  expect(verdictOf(await askAll(urls), /^many_up 1$/m)).toEqual(all);
  expect(most()).toBeLessThanOrEqual(200);
});

it('reads 2,000 fixed targets one by one, 200 of them at a time, and loses none', async () => {
  const { made, server, most } = await manyTargets();
  const targets = Object.fromEntries(
    names.map((name) => [name, { addr: `127.0.0.1:${server.port}/${name.replace('hangs', 'db')}` }]),
  );
  const running = await serve(made, { sources: { many: { targets } } });
  onTestFinished(() => running.close(0));
  const answers = await askAll(names.map((name) => `${running.url}metrics?target=${name}`));
  expect(answers.filter(({ text }, i) => text.includes(`many_up{target="${names[i]}"} 1\n`))).toHaveLength(TARGETS);
  expect(most()).toBeLessThanOrEqual(200);
});
