import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { realDisk } from './disk.ts';
import { locked } from './lock.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'lock-test-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

it('lets one in at a time, and leaves nothing behind', async () => {
  const root = await folder();
  let inside = 0;
  let most = 0;
  const runs = Array.from({ length: 8 }, () =>
    locked(root, async () => {
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside--;
    }),
  );
  await Promise.all(runs);
  expect(most).toBe(1);
  expect(await readdir(root)).toEqual([]);
});

it('does not wait for the dead, however many do so at once', async () => {
  const root = await folder();
  await mkdir(join(root, '.scaffolding'));
  await writeFile(join(root, '.scaffolding/lock'), '2147483647');
  let inside = 0;
  await Promise.all(
    Array.from({ length: 5 }, () =>
      locked(root, async () => {
        expect(++inside).toBe(1);
        await new Promise(setImmediate);
        inside--;
      }),
    ),
  );
  expect(await readdir(root)).toEqual([]);
});

it('names whom it waited for in vain', async () => {
  const root = await folder();
  await mkdir(join(root, '.scaffolding'));
  await writeFile(join(root, '.scaffolding/lock'), String(process.ppid));
  const waited: string[] = [];
  const run = locked(root, async () => {}, { patienceMs: 100, onWait: (owner) => waited.push(owner) });
  await expect(run).rejects.toThrow(`process ${process.ppid} is writing`);
  expect(waited).toEqual([String(process.ppid)]);
});

it('says why it can not be had', async () => {
  const root = await folder();
  const disk = { ...realDisk, writeFile: () => Promise.reject(Object.assign(new Error('EROFS: injected'), {})) };
  await expect(locked(root, async () => {}, { disk })).rejects.toThrow(/nothing was changed: EROFS/);
});
