import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runProgram, startProgram } from 'test-servers';
import { expect, it } from 'vitest';
import { gauge, job, textfile } from '../../src/index.ts';
import { parseText } from '../../src/parse/index.ts';
import { settleJob } from '../../src/push/settle-job.ts';
import { flushSpool } from '../../src/push/spool/flush.ts';
import { folder, memory, remembering } from './memory.ts';

const program = (name: string): string => fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url));
const size = gauge({ name: 'size', help: 'x' });
const good = job({ name: 'backup', metrics: { size }, run: ({ size: writer }) => writer.set(1) });
const no = (): never => {
  throw new Error('no gateway');
};

/** Kills a run at its n-th step; what it had done, and what has arrived before and after. */
async function killedAt(n: number) {
  const place = await folder();
  const [spool, steps, arrived] = ['spool', 'steps', 'arrived'].map((name) => join(place, name)) as [
    string,
    string,
    string,
  ];
  await mkdir(spool);
  for (const file of [steps, arrived]) await writeFile(file, '');
  // An earlier success is there already, and must not be lost either.
  await settleJob(good, { to: [memory('memory', no)], spool });
  const env = { KILL_AT: String(n), SPOOL: spool, STEPS: steps, ARRIVED: arrived };
  const { signal } = await runProgram([program('killed-job')], { env });
  const done = (await readFile(steps, 'utf8')).trimEnd().split('\n');
  const sent = (await readFile(arrived, 'utf8')).split('\n').filter((line) => line !== '');
  const log = remembering();
  const sink = memory();
  await flushSpool(spool, [sink], { log, signal: AbortSignal.timeout(50_000) });
  const got = [...sent.map((line) => JSON.parse(line)), ...sink.got] as { mode: string; lines: string[] }[];
  await settleJob(good, { to: [sink], spool, log });
  return { killed: signal === 'SIGKILL', done, got, said: log.said, left: await readdir(spool) };
}

it('a run that is killed at any step loses nothing', async () => {
  let steps = 0;
  const found = { before: 0, after: 0, twice: 0 };
  // Two at a time; each starts a process.
  const at = async (n: number): Promise<boolean> => {
    const { killed, done, got, said, left } = await killedAt(n);
    const what = `killed ${n} steps after the start, before what follows ${done.at(-1)}`;
    // Whatever arrives is whole, in order, and replaces the group, as the success in it does.
    for (const { mode, lines } of got) expect([mode, lines.includes('size 1')], what).toEqual(['replace', true]);
    expect(got.length, what).toBeGreaterThan(0);
    const kept = done.findIndex((step) => /^rename .*\.tmp$/.test(step));
    const verdict = got.some(({ lines }) => lines.includes('job_success 0'));
    if (kept >= 0 && kept < done.length - 1) expect(verdict, what).toBe(true);
    if (verdict) expect(got.at(-1)?.lines, what).toContain('job_success 0');
    found[verdict ? 'after' : 'before']++;
    if (got.length > 1) found.twice++;
    expect([said, left], what).toEqual([[], []]);
    steps = Math.max(steps, n);
    return killed;
  };
  for (let n = 0; (await Promise.all([at(n), at(n + 1)])).every(Boolean); n += 2);
  // The test would be worth little if it had not seen all of these.
  expect(steps).toBeGreaterThan(25);
  expect(found.before).toBeGreaterThan(5);
  expect(found.after).toBeGreaterThan(10);
  expect(found.twice).toBeGreaterThan(0);
});

it('processes that share a spool lose nothing to each other', async () => {
  const spool = await folder();
  const args = [program('job'), '--push.gateway=http://127.0.0.1:1', '--push.timeout=200ms', `--push.spool=${spool}`];
  const exits = await Promise.all(Array.from({ length: 6 }, () => runProgram(args)));
  expect(exits.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  const sink = memory('pushgateway http://127.0.0.1:1');
  const [flushed, ...more] = await flushSpool(spool, [sink], { signal: AbortSignal.timeout(50_000) });
  expect([flushed?.status, flushed?.runs, more]).toEqual(['delivered', 6, []]);
  expect(await readdir(spool)).toEqual([]);
});

it('a textfile is whole at any moment, however often its writer is killed', async () => {
  const directory = await folder();
  let kills = 0;
  let reads = 0;
  let aside = 0;
  // Until some were killed while they wrote, and enough was read meanwhile.
  const more = (): boolean => kills < 60 || aside === 0 || reads <= 100;
  const writer = async (name: string): Promise<void> => {
    while (more()) {
      kills++;
      const args = [program('textfile-writer'), directory, name];
      const running = await startProgram(args, { until: /writing/ });
      await sleep(Math.random() * 15);
      await running.stop('SIGKILL');
    }
  };
  const reader = async (): Promise<void> => {
    while (more()) {
      const names = await readdir(directory);
      aside = Math.max(aside, names.filter((name) => name.endsWith('.tmp')).length);
      for (const name of names.filter((one) => one.endsWith('.prom'))) {
        const families = new Map(
          parseText(await readFile(join(directory, name), 'utf8')).map((one) => [one.name, one]),
        );
        const { samples } = families.get('written')!;
        expect(samples.length).toBe(300);
        expect(new Set(samples.map(({ value }) => value)).size).toBe(1);
        expect(families.get('job_success')?.samples[0]?.value).toBe(1);
        reads++;
      }
      await sleep(5);
    }
  };
  const writers = ['a', 'b', 'c', 'd'];
  await Promise.all([reader(), ...writers.map(writer)]);
  // What they left aside goes with the next delivery.
  expect((await settleJob(good, { to: [textfile(directory)] })).notDelivered).toBe(0);
  expect((await readdir(directory)).sort()).toEqual([...writers.map((name) => `${name}.prom`), 'backup.prom'].sort());
}, 180_000);
