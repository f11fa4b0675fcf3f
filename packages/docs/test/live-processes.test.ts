import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from 'test-servers';
import { afterEach, expect, it } from 'vitest';
import { folderOf } from './run.ts';

const running: ChildProcess[] = [];

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  }
});

/** Runs a snippet, and returns the address that it prints. */
async function start(file: string, env: { readonly [name: string]: string } = {}): Promise<URL> {
  const child = spawn(process.execPath, [join(folderOf('live-processes'), file)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return new URL('metrics', line);
}

async function count(url: URL, size: string): Promise<number> {
  const text = await (await fetch(url)).text();
  return Number(new RegExp(`^shop_images_total\\{size="${size}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
}

const see = (url: URL, size: string, wanted: number): Promise<number> =>
  until(`${wanted} ${size} images`, async () => ((await count(url, size)) === wanted ? wanted : undefined), 50_000);

it("runs the page's threads", async () => {
  await see(await start('check.js'), 'small', 1);
});

it("runs the page's cluster", async () => {
  await see(await start('cluster.js', { METRICS_ADDRESS: '127.0.0.1:0' }), 'large', 2);
});

it("runs the page's processes with a folder", async () => {
  const env = { METRICS_FOLDER: join(folderOf('live-processes'), 'metrics') };
  const [one, two] = [await start('pm2.js', env), await start('pm2.js', env)];
  await see(one, 'small', 2);
  await see(two, 'small', 2);
  const ended = once(running[0]!, 'exit');
  running[0]!.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  await see(two, 'small', 2);
});
