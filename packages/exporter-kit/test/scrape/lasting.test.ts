import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startProgram, until } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { get, valueIn } from '../get.ts';

// What comes back must be looked at in a process of its own, through the eyes of the kernel.
describe.runIf(process.platform === 'linux')('a process keeps nothing', () => {
  const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
  const megabytes = (pid: number): number =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

  async function running(name: string, args: readonly string[], address: RegExp) {
    const script = fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url));
    // A young generation that grows is nothing kept, but looks like it.
    const program = await startProgram(['--max-semi-space-size=1', script, ...args], { until: address });
    onTestFinished(async () => void (await program.stop()));
    return { pid: program.pid, url: `${program.match[1]}metrics` };
  }

  it('of 500 who hang up amid 15 MB: descriptors are back, and the next is answered', async () => {
    const { pid, url } = await running('big', [], /address=(\S+)/);
    expect((await get(url)).body.length).toBeGreaterThan(15e6);
    const [open, used] = [descriptors(pid), megabytes(pid)];
    for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 50 }, () => hangUp(url)));
    await until('as few descriptors', async () => (descriptors(pid) <= open ? true : undefined), 50_000);
    expect((await get(url)).body.length).toBeGreaterThan(15e6);
    expect(megabytes(pid) - used).toBeLessThan(150);
  });

  it('of 1000 scrapes beside a collector that hangs: one call of it, and less than 20 MB', async () => {
    const { pid, url } = await running(
      'configured',
      ['--collector.slow', '--web.listen-address=127.0.0.1:0'],
      /address=(\S+)/,
    );
    let inTime = 0;
    const scrape = async (): Promise<void> => {
      const { status, text } = await get(url, { 'x-prometheus-scrape-timeout-seconds': '0.02' });
      expect(status).toBe(200);
      expect(valueIn(text, 'shop_scrape_collector_success{collector="slow"}')).toBe(0);
      // On a busy machine, so short a time may be over before anything has run.
      if (valueIn(text, 'shop_size') === 1) inTime++;
    };
    const rounds = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await Promise.all(Array.from({ length: 5 }, scrape));
    };
    await rounds(100);
    const used = megabytes(pid);
    await rounds(200);
    expect(megabytes(pid) - used).toBeLessThan(20);
    expect(inTime).toBeGreaterThan(0);
  });
});

/** Asks, waits for the beginning of the answer, and leaves. */
async function hangUp(url: string): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const socket: Socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await once(socket, 'readable');
  socket.destroy();
}
