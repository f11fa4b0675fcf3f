import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { collector, exporter, gauge, serve } from '../../src/index.ts';

const metrics = { size: gauge({ name: 'size_bytes', help: 'Size.', unit: 'bytes' }) };
const sizes = exporter({
  name: 'test_exporter',
  collectors: [collector({ name: 'sizes', metrics, collect: ({ size }) => size.set(1) })],
});

/** Scrapes over one connection; returns all that was answered. */
async function scrapes(port: number, count: number): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  onTestFinished(() => void socket.destroy());
  let all = '';
  for (let scrape = 1; scrape <= count; scrape++) {
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    // Its last line.
    while (all.match(/^test_scrape_collector_success\{.*\n/gm)?.length !== scrape) all += await once(socket, 'data');
  }
  return all;
}

it('between two scrapes, the connection stays and nothing wakes the process for seconds', async () => {
  const shortest: number[] = [];
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'Timeout') shortest.push((resource as { readonly _idleTimeout: number })._idleTimeout);
    },
  }).enable();
  onTestFinished(() => void hook.disable());
  const { url, close } = await serve(sizes);
  onTestFinished(() => close(0));
  const answered = await scrapes(Number(new URL(url).port), 3);
  expect(answered).toMatch(/^Keep-Alive: timeout=125\r$/m);
  expect(answered.match(/^date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$/gim)).toHaveLength(3);
  expect(Math.min(...shortest)).toBeGreaterThanOrEqual(5_000);
});
