import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram, unprivileged } from 'test-servers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { watch } from './live-watch.ts';

const program = fileURLToPath(new URL('programs/folder-shop.mjs', import.meta.url));

let path = '';
const processes: ChildProcess[] = [];

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'live-folder-'));
});
afterEach(async () => {
  for (const child of processes.splice(0)) {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  }
  await rm(path, { recursive: true, force: true });
});

async function start(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = fork(program, [path], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  processes.push(child);
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return { child, url };
}

async function count({ child }: { readonly child: ChildProcess }, by: number): Promise<void> {
  child.send({ by });
  await once(child, 'message');
}

it('serves what unrelated processes count, from whichever is scraped; no sum falls when they end', async () => {
  const [one, two, killed, exits] = await Promise.all([start(), start(), start(), start()]);
  const orders = 'shop_orders_total{country="pt"}';
  const watches = [watch(one.url), watch(two.url)];
  const see = async (wanted: { readonly [series: string]: number | undefined }): Promise<void> => {
    for (const each of watches) await each.see(wanted);
  };
  for (const [i, process] of [one, two, killed].entries()) await count(process, 2 ** i);
  await see({ [orders]: 7, shop_busy: 7 });
  const file = async (pid: number | undefined): Promise<string> => {
    for (const name of await readdir(path)) {
      const text = await readFile(join(path, name), 'utf8').catch(() => '');
      if (text.includes(`"pid":${pid},`)) return join(path, name);
    }
    throw new Error(`no file of ${pid}`);
  };
  const left = await file(killed.child.pid);
  const gone = [once(killed.child, 'exit'), once(exits.child, 'exit')];
  killed.child.kill('SIGKILL');
  exits.child.send({ by: 8, exits: true });
  await Promise.all(gone);
  // As if it had been killed ten seconds ago.
  const before = Date.now() / 1000 - 11;
  await utimes(left, before, before);
  await writeFile(join(path, `shop.${'0'.repeat(12)}.json`), (await readFile(left, 'utf8')).slice(0, 100));
  await see({ [orders]: 15, shop_busy: 3 });
  const next = await start();
  await count(next, 16);
  await see({ [orders]: 31, shop_busy: 19 });
  const third = watch(next.url);
  await third.see({ [orders]: 31, shop_busy: 19 });
  for (const each of [...watches, third]) {
    await each.stop();
    expect(each.falls).toEqual([]);
  }
});

it.skipIf(process.platform === 'win32')('says what to do if this user may not write there', async () => {
  const [readable, closed] = [join(path, 'readable'), join(path, 'closed')];
  const { command, before, user } = unprivileged(process.execPath);
  await chmod(path, 0o755);
  for (const [place, mode] of [
    [readable, 0o500],
    [closed, 0o300],
  ] as const) {
    await mkdir(place);
    if (user !== undefined) await chown(place, user, user);
    await chmod(place, mode);
  }
  const program = fileURLToPath(new URL('programs/join-folder.mjs', import.meta.url));
  const { stdout } = await runProgram([...before, program, readable, join(readable, 'x'), closed], { command });
  const advice = "Give this process' user a folder that it can read and write.";
  const said = (place: string, why: string): unknown =>
    expect.stringMatching(
      new RegExp(`^join: live shop can't use the folder ${place}: EACCES: permission denied, ${why} .*\\. ${advice}$`),
    );
  expect(stdout.trim().split('\n')).toEqual([
    said(readable, 'open'),
    said(join(readable, 'x'), 'mkdir'),
    said(closed, 'scandir'),
  ]);
});
