import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { folder } from '../../test/push/memory.ts';
import { locked } from './lock.ts';
import { isGone, ownMark } from './owner.ts';

const patient = () => ({ signal: AbortSignal.timeout(20_000), staleMs: 60_000 });
const impatient = { signal: AbortSignal.abort(), staleMs: 60_000 };
const ticketOf = (mark: string): string => `.x.lock.00000000000001-${mark}-0badcafe`;

/** The mark of a process that has ended. */
async function deadMark(): Promise<string> {
  const [machine] = (await ownMark()).split('-');
  const child = spawn('true');
  await once(child, 'exit');
  return `${machine}-${child.pid}-77`;
}

it('lets one in at a time, and everybody in the end', async () => {
  const directory = await folder();
  let inside = 0;
  let done = 0;
  const one = () =>
    locked(directory, 'x', patient(), async () => {
      expect(++inside).toBe(1);
      await sleep(Math.random() * 3);
      inside--;
      done++;
    });
  await Promise.all(Array.from({ length: 30 }, one));
  expect(done).toBe(30);
  expect(await readdir(directory)).toEqual([]);
});

it('is another lock under another name', async () => {
  const directory = await folder();
  await locked(directory, 'x', patient(), () => locked(directory, 'y', impatient, async () => {}));
  await locked(directory, 'x', patient(), () => locked(directory, 'x.lock', impatient, async () => {}));
  await locked(directory, 'x.lock', patient(), () => locked(directory, 'x', impatient, async () => {}));
});

it('is refused to one who has no more time, and names who has it', async () => {
  const directory = await folder();
  await locked(directory, 'x', patient(), async () => {
    await expect(locked(directory, 'x', impatient, async () => {})).rejects.toThrow(
      /locked by another run in this process/,
    );
  });
  await writeFile(join(directory, ticketOf('00000000-4711-1')), '');
  await expect(locked(directory, 'x', impatient, async () => {})).rejects.toThrow(/locked by process 4711;/);
});

it('is free when what it was held for has thrown', async () => {
  const directory = await folder();
  const failing = locked(directory, 'x', patient(), () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await locked(directory, 'x', impatient, async () => 'in')).toBe('in');
});

it('is free when who held it is dead, or long silent on another machine', async () => {
  const directory = await folder();
  const [machine] = (await ownMark()).split('-');
  const old = new Date(Date.now() - 120_000);
  // The second has our process id, given again since.
  for (const mark of [await deadMark(), `${machine}-${process.pid}-1`, '00000000-1-1']) {
    const path = join(directory, ticketOf(mark));
    await writeFile(path, '');
    await utimes(path, old, old);
    expect(await locked(directory, 'x', impatient, async () => 'in')).toBe('in');
  }
  expect(await readdir(directory)).toEqual([]);
});

it('knows who lives', async () => {
  const mark = await ownMark();
  expect(await isGone(mark)).toBe(false);
  expect(await isGone(await deadMark())).toBe(true);
  expect(await isGone('00000000-1-1')).toBeUndefined();
});
